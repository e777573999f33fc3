//! What is known of a request's condition keys.

use std::collections::BTreeMap;

/// What is known of a request's condition keys.
///
/// ```
/// use gatewatch::iam::{Context, Lookup};
///
/// let mut audit = Context::open();
/// audit.set("aws:PrincipalAccount", vec!["111122223333".to_owned()]);
/// audit.set_absent("aws:SourceVpce");
/// let account = ["111122223333".to_owned()];
/// assert_eq!(audit.get("aws:principalaccount"), Lookup::Values(&account));
/// assert_eq!(audit.get("aws:sourcevpce"), Lookup::Absent);
/// // At audit time, what nobody has said is not known. Of a request, it is absent.
/// assert_eq!(audit.get("aws:sourceip"), Lookup::Unknown);
/// assert_eq!(Context::complete().get("aws:sourceip"), Lookup::Absent);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The keys in lower case, with their values.
    keys: BTreeMap<String, Known>,
    /// Whether a key that is not among them may be there.
    open: bool,
    /// What the names of further keys begin with, in lower case, that no request has.
    absent_below: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    Values(Vec<String>),
    Absent,
    Present,
    Internet,
    Sample(String),
    Foreign { may_be_absent: bool },
    Owned(String),
}

/// What is known of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The request has the key, with these values.
    Values(&'a [String]),
    /// The request does not have the key.
    Absent,
    /// The request has the key, with an unknown value.
    Present,
    /// The request has the key, with an address of the internet: of none of the networks that are not reached from there.
    Internet,
    /// The request has the key, with one of many addresses that no range in the policies tells apart: this is one of
    /// them.
    Sample(&'a str),
    /// The request has the key, with a value of somebody whom no policy of ours names.
    Foreign {
        /// Whether the key may be missing from the request.
        may_be_absent: bool,
    },
    /// The request has the key, with a value of this account or organization: an ARN, or a path of units. No more is
    /// known of it.
    Owned(&'a str),
    /// It cannot be told whether the request has the key.
    Unknown,
}

impl Context {
    /// A context that is authoritative: a key that is not set is absent.
    pub fn complete() -> Self {
        Context {
            keys: BTreeMap::new(),
            open: false,
            absent_below: Vec::new(),
        }
    }

    /// A context at audit time: a key that is not set may be there or not.
    pub fn open() -> Self {
        Context {
            keys: BTreeMap::new(),
            open: true,
            absent_below: Vec::new(),
        }
    }

    /// What is known at audit time of every signed request to an API of this account, whoever makes it.
    ///
    /// Source: [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
    pub fn of_signed(resource_account: &str) -> Self {
        let mut context = Context::open();
        // API Gateway answers HTTPS alone.
        context.set("aws:SecureTransport", vec!["true".to_owned()]);
        context.set("aws:ResourceAccount", vec![resource_account.to_owned()]);
        context.set_no_service();
        for present in [
            "aws:SourceIp",
            "aws:CurrentTime",
            "aws:EpochTime",
            "aws:RequestedRegion",
            "aws:userid",
            "aws:PrincipalArn",
            "aws:PrincipalType",
        ] {
            context.set_present(present);
        }
        context
    }

    /// Sets a key, whatever its case, to its values.
    pub fn set(&mut self, key: &str, values: Vec<String>) {
        self.keys.insert(key.to_lowercase(), Known::Values(values));
    }

    /// Says that no request is that of a service, which has names of its own. A role that a service uses is none.
    ///
    /// Source: [`aws:PrincipalServiceName`](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalservicename).
    pub(in crate::iam) fn set_no_service(&mut self) {
        self.set("aws:PrincipalIsAWSService", vec!["false".to_owned()]);
        for key in ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"] {
            self.set_absent(key);
        }
    }

    /// Says that every request has the key, with a value that is not known.
    pub fn set_present(&mut self, key: &str) {
        self.keys.insert(key.to_lowercase(), Known::Present);
    }

    /// Says that every request has the key, with an address of the internet that is not known.
    pub(in crate::iam) fn set_internet(&mut self, key: &str) {
        self.keys.insert(key.to_lowercase(), Known::Internet);
    }

    /// Says that it is not known whether requests have the key.
    pub(in crate::iam) fn set_unknown(&mut self, key: &str) {
        self.keys.remove(&key.to_lowercase());
    }

    /// Says that no request has the key.
    pub fn set_absent(&mut self, key: &str) {
        self.keys.insert(key.to_lowercase(), Known::Absent);
    }

    /// Says that no request has a key whose name begins like this, in lower case. Keys that are set by their
    /// whole name stay as they are.
    pub fn set_absent_below(&mut self, begin: &'static str) {
        self.absent_below.push(begin);
    }

    /// Sets a key to an IP address that stands for many others: those that no range in the policies tells from
    /// it.
    pub fn set_sample(&mut self, key: &str, address: String) {
        self.keys.insert(key.to_lowercase(), Known::Sample(address));
    }

    /// Says that the key has the value of somebody whom no policy of ours names in full: an account, an
    /// organization, an ARN. `may_be_absent`: requests may also come without it.
    pub fn set_foreign(&mut self, key: &str, may_be_absent: bool) {
        let foreign = Known::Foreign { may_be_absent };
        self.keys.insert(key.to_lowercase(), foreign);
    }

    /// Says that every request has the key, with a value that belongs to this account or organization: an ARN, or a path
    /// of units.
    pub fn set_owned(&mut self, key: &str, owner: &str) {
        let owned = Known::Owned(owner.to_owned());
        self.keys.insert(key.to_lowercase(), owned);
    }

    /// What is known of a key, given in lower case.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        match self.keys.get(key) {
            Some(Known::Values(values)) => Lookup::Values(values),
            Some(Known::Absent) => Lookup::Absent,
            Some(Known::Present) => Lookup::Present,
            Some(Known::Internet) => Lookup::Internet,
            Some(Known::Sample(value)) => Lookup::Sample(value),
            Some(Known::Foreign { may_be_absent }) => Lookup::Foreign {
                may_be_absent: *may_be_absent,
            },
            Some(Known::Owned(owner)) => Lookup::Owned(owner),
            None if self.absent_below.iter().any(|it| key.starts_with(it)) => Lookup::Absent,
            None if self.open => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }
}
