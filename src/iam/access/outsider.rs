//! Who calls from outside, and what is known of their requests.

use crate::iam::access::vantage::{SOURCE_IP, Vantage};
use crate::iam::condition::context::Context;
use crate::iam::decide::caller::Caller;

/// Who calls from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outsider {
    /// Nobody in particular: the request is not signed.
    Anonymous,
    /// A principal of an account that has nothing to do with ours.
    Stranger,
}

impl Outsider {
    pub(in crate::iam) fn caller(self) -> Caller {
        match self {
            Outsider::Anonymous => Caller::Anonymous,
            Outsider::Stranger => Caller::Stranger,
        }
    }
}

/// What is known of an outsider's requests from one place.
///
/// Source: [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
pub(in crate::iam) fn context(who: Outsider, account: &str, vantage: &Vantage) -> Context {
    let mut context = Context::open();
    // API Gateway answers HTTPS alone.
    context.set("aws:SecureTransport", vec!["true".to_owned()]);
    context.set("aws:ResourceAccount", vec![account.to_owned()]);
    call_from(&mut context, vantage);
    // Services set these when they call for somebody, and for whoever runs in them.
    const ON_BEHALF: [&str; 6] = [
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "ec2:SourceInstanceARN",
        "lambda:SourceFunctionArn",
    ];
    match who {
        Outsider::Anonymous => {
            context.set("aws:PrincipalType", vec!["Anonymous".to_owned()]);
            context.set_absent_below("aws:principal");
            for key in ON_BEHALF.iter().chain(&["aws:username", "aws:userid"]) {
                context.set_absent(key);
            }
        }
        Outsider::Stranger => {
            context.set_no_service();
            context.set_foreign("aws:PrincipalAccount", false);
            context.set_foreign("aws:PrincipalArn", false);
            context.set_foreign("aws:userid", false);
            for key in ON_BEHALF
                .iter()
                .chain(&["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"])
            {
                context.set_foreign(key, true);
            }
        }
    }
    context
}

/// Sets what is known of requests from one place.
pub(in crate::iam) fn call_from(context: &mut Context, vantage: &Vantage) {
    match vantage {
        Vantage::Addresses { sample, .. } => {
            context.set_sample(SOURCE_IP, sample.clone());
            no_endpoint(context);
        }
        Vantage::Vpc => {
            // The key is there except when a VPC endpoint was used, says the page on condition keys.
            context.set_absent(SOURCE_IP);
            for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
                context.set_present(key);
            }
        }
        Vantage::ForeignVpc => {
            context.set_absent(SOURCE_IP);
            foreign_endpoint(context);
        }
        Vantage::AddressesInForeignVpc { sample, .. } => {
            context.set_sample(SOURCE_IP, sample.clone());
            foreign_endpoint(context);
        }
    }
}

/// What is known of the same requests where they go to an API with this kind of endpoint.
pub(in crate::iam) fn at_endpoint(context: &Context, is_private: bool) -> Context {
    let mut context = context.clone();
    if is_private {
        for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
            context.set_present(key);
        }
        // Whether requests through an endpoint have the caller's address here is not certain.
        context.set_unknown(SOURCE_IP);
    } else {
        no_endpoint(&mut context);
        context.set_internet(SOURCE_IP);
    }
    context
}

/// Says that requests come without a VPC endpoint.
pub(in crate::iam) fn no_endpoint(context: &mut Context) {
    for key in [
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:SourceVpcArn",
        "aws:VpcSourceIp",
    ] {
        context.set_absent(key);
    }
    // Of the VPC endpoint: its account and organization.
    context.set_absent_below("aws:vpce");
}

/// Says that requests come through the VPC endpoint of an account that has nothing to do with ours.
fn foreign_endpoint(context: &mut Context) {
    for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount"] {
        context.set_foreign(key, false);
    }
    for key in ["aws:SourceVpcArn", "aws:VpceOrgID", "aws:VpceOrgPaths"] {
        context.set_foreign(key, true);
    }
    // Private addresses are the same in every VPC: whoever builds one chooses them.
    context.set_present("aws:VpcSourceIp");
}
