//! The holders and the methods of an inventory, made ready to be asked about.

use std::cell::RefCell;

use foldhash::HashMap;

use super::holder::{self, Holder};
use super::method::{self, CallableMethod};
use super::undecided::Undecided;
use crate::inventory::Inventory;

/// The holders of policies and the methods of one inventory, made ready to be asked.
///
/// ```
/// # const INVENTORY: &str = r#"{
/// #     "schema_version": 1, "account": "111122223333", "partition": "aws",
/// #     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
/// #     "apis": [{
/// #         "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
/// #         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
/// #         "stages": [{"name": "prod", "deployment_id": "dep111"}],
/// #         "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [
/// #             {"verb": "GET", "path": "/pets/{petId}", "authorization": "AWS_IAM", "api_key_required": false}
/// #         ]}],
/// #         "draft": [{"verb": "GET", "path": "/pets/{petId}", "resource_id": "res111",
/// #                    "authorization": "AWS_IAM", "api_key_required": false, "integration": "HTTP"}]
/// #     }],
/// #     "domains": [], "gaps": [],
/// #     "iam": {"users": [], "roles": [], "policies": [], "groups": [
/// #         {"name": "callers", "arn": "arn:aws:iam::111122223333:group/callers", "attached": [], "inline": [
/// #         {"name": "CallOnePet", "document": {"json": {"Version": "2012-10-17", "Statement": [{
/// #             "Effect": "Allow", "Action": "execute-api:Invoke",
/// #             "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/1"}]}}}]}]}
/// # }"#;
/// use gatewatch::audit::access::Estate;
/// use gatewatch::iam::Verdict;
/// use gatewatch::inventory::Inventory;
///
/// // The group `callers` is allowed `GET /pets/1`, and the API has `GET /pets/{petId}`.
/// let inventory = Inventory::from_json(INVENTORY).unwrap();
/// let estate = Estate::new(&inventory).unwrap();
/// let (group, method) = (&estate.holders()[0], &estate.methods()[0]);
///
/// let decided = estate.decide(group, method);
/// assert_eq!(decided.access.verdict, Verdict::Some);
/// assert!(decided.access.allowed.unwrap().ends_with("/prod/GET/pets/1"));
/// assert_eq!(decided.reasons[0].policy, "inline policy `CallOnePet` of group `callers`");
///
/// // A row for each holder, with a cell for each method.
/// let matrix = estate.matrix(estate.holders());
/// assert_eq!(matrix[0].1[0].verdict, Verdict::Some);
/// ```
#[derive(Debug)]
pub struct Estate<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) holders: Vec<Holder>,
    /// Those of other accounts whom resource policies let in.
    pub(super) outside: Vec<Holder>,
    pub(super) methods: Vec<CallableMethod<'a>>,
    pub(super) apis: Vec<method::OfApi>,
    /// The place of each API among the inventory's, by Region and id.
    pub(super) places: HashMap<(&'a str, &'a str), usize>,
    pub(super) documents: Vec<holder::Read>,
    /// What it was asked and could not decide. Kept here, so that nobody who asks can pass over it.
    pub(super) undecided: RefCell<Undecided>,
}
