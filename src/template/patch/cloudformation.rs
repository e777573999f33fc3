//! Methods and routes that are resources of CloudFormation.

use super::edit::Mend;
use super::find::Chain;
use super::made_by::made_by;
use super::style::New;
use super::value::set;
use super::{IAM, NONE, Source};
use crate::yaml::Part;

/// The property that both kinds have.
const PROPERTY: &str = "AuthorizationType";

impl<'s> Source<'s> {
    /// Mends the method that a resource is.
    pub(super) fn resource(&self, resource: &Chain<'s>) -> Result<Mend, String> {
        let kind = kind_of(resource.value());
        match kind {
            Some("AWS::ApiGateway::Method") => {
                let mend = self.authorization_type(resource, false)?;
                Ok(self.noting_deployments(mend, resource))
            }
            Some("AWS::ApiGatewayV2::Route") => {
                let mend = self.authorization_type(resource, true)?;
                Ok(self.noting_deployments(mend, resource))
            }
            Some("AWS::ApiGatewayV2::Api") => Err(
                "API Gateway makes the route itself, or there is no `$connect`: write it as an `AWS::ApiGatewayV2::Route` \
                 with `AuthorizationType: AWS_IAM`"
                    .to_owned(),
            ),
            Some(kind) => Err(format!(
                "the resource of type `{kind}` makes the method, which is not written out"
            )),
            None => Err("the type of the resource is not written out".to_owned()),
        }
    }

    /// Says that a deployment which the template makes does not change with the methods of the resource at the begin of a chain.
    pub(super) fn noting_deployments(&self, mut mend: Mend, chain: &Chain<'s>) -> Mend {
        let kind = chain.begin(2);
        let deployment = match kind_of(kind.value()) {
            Some("AWS::ApiGateway::Method" | "AWS::ApiGateway::RestApi") => {
                "AWS::ApiGateway::Deployment"
            }
            Some("AWS::ApiGatewayV2::Route" | "AWS::ApiGatewayV2::Api") => {
                "AWS::ApiGatewayV2::Deployment"
            }
            _ => return mend,
        };
        let resources = self.syntax.root.get("Resources");
        let mut resources = resources.map_or(&[][..], Part::entries).iter();
        if resources.any(|(_, resource)| kind_of(resource) == Some(deployment)) {
            mend.notes.push(format!(
                "CloudFormation makes no new deployment where only methods change, and callers get the old one: give the \
                 `{deployment}` another logical id, wherever the template names it"
            ));
        }
        mend
    }

    /// `may_lack`: where the property is not there, that stands for NONE.
    fn authorization_type(&self, resource: &Chain<'s>, may_lack: bool) -> Result<Mend, String> {
        let of = |why: String| format!("`{PROPERTY}` {why}");
        let properties = (resource.to("Properties"))
            .ok_or_else(|| "the resource has no `Properties`".to_owned())?;
        self.refuse_shared(&properties)?;
        if let Some(made) = made_by(properties.value()) {
            return Err(format!("`Properties` have what `{made}` brings"));
        }
        match properties.to(PROPERTY) {
            Some(stated) => {
                self.refuse_shared(&stated)?;
                set(&self.writer, &stated, NONE, IAM).map_err(of)
            }
            None if may_lack && properties.to_entry(PROPERTY).is_none() => {
                let new = [(PROPERTY, New::text(IAM))];
                let added = self.writer.add(&properties, &new, Some("RouteKey"));
                added.map_err(|why| format!("`Properties` {why}"))
            }
            None => Err(of("is not written out".to_owned())),
        }
    }
}

/// The type of a resource, where it is written out.
pub(super) fn kind_of(resource: &Part) -> Option<&str> {
    let kind = resource.get("Type").and_then(Part::text);
    kind.map(str::trim)
}
