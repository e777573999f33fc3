//! The kinds of files that are checked before a deployment.

use strum::IntoStaticStr;

use super::resolve::written;
use crate::yaml::{Node, Value};

/// What a file that was checked is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum FileKind {
    /// A CloudFormation template.
    #[strum(serialize = "cloudformation")]
    CloudFormation,
    /// A CloudFormation template that SAM transforms.
    Sam,
    /// A stack of the assembly that `cdk synth` writes.
    Cdk,
    /// A definition of an API.
    #[strum(serialize = "openapi")]
    OpenApi,
    /// A plan or a state of Terraform or OpenTofu.
    Terraform,
}

impl FileKind {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The name for people.
    pub fn in_words(self) -> &'static str {
        match self {
            FileKind::CloudFormation => "CloudFormation template",
            FileKind::Sam => "SAM template",
            FileKind::Cdk => "CDK stack",
            FileKind::OpenApi => "OpenAPI definition",
            FileKind::Terraform => "Terraform plan",
        }
    }

    /// The kind of a template.
    pub(super) fn of_template(root: &Node) -> Self {
        let is_sam = |node: &Node| {
            let name = node.name().or_else(|| written(node, "Name")?.name());
            name.is_some_and(|it| it.starts_with("AWS::Serverless"))
        };
        let transform = written(root, "Transform");
        let has_sam = transform.is_some_and(|node| match &node.value {
            Value::List(names) => names.iter().any(is_sam),
            Value::Scalar { .. } | Value::Map(_) => is_sam(node),
        });
        match has_sam {
            true => FileKind::Sam,
            false => FileKind::CloudFormation,
        }
    }
}
