//! The authorization types of the methods of a draft.

use aws_sdk_apigateway::types::{Op, PatchOperation};
use aws_sdk_apigatewayv2::types::AuthorizationType as RouteType;

use super::{Changer, no_such_call};
use crate::audit::fix::{Action, State};
use crate::aws::client::{Failure, failure, given};
use crate::inventory::{ApiKind, AuthorizationType};

/// A method of a draft, and where it is.
struct Method<'a> {
    region: &'a str,
    api: &'a str,
    kind: ApiKind,
    resource: &'a str,
    verb: &'a str,
}

fn method(action: &Action) -> Result<Method<'_>, Failure> {
    match action {
        Action::SetAuthorization {
            region,
            api,
            kind,
            resource,
            verb,
            ..
        } => Ok(Method {
            region,
            api,
            kind: *kind,
            resource,
            verb,
        }),
        _ => Err(no_such_call()),
    }
}

impl Changer {
    pub(super) async fn method(&self, action: &Action) -> Result<State, Failure> {
        let at = method(action)?;
        if at.kind == ApiKind::Rest {
            let request = self.rest(at.region).await.get_method();
            let request = request.rest_api_id(at.api).resource_id(at.resource);
            let answer = request.http_method(at.verb).send().await;
            let answer = answer.map_err(|error| failure("apigateway:GetMethod", error))?;
            return Ok(State::Method {
                authorization: given(answer.authorization_type),
                authorizer: given(answer.authorizer_id),
                scopes: answer.authorization_scopes.unwrap_or_default(),
            });
        }
        let request = self.http(at.region).await.get_route();
        let answer = request.api_id(at.api).route_id(at.resource).send().await;
        let answer = answer.map_err(|error| failure("apigateway:GetRoute", error))?;
        Ok(State::Method {
            authorization: answer.authorization_type.map(|it| it.as_str().to_owned()),
            authorizer: given(answer.authorizer_id),
            scopes: answer.authorization_scopes.unwrap_or_default(),
        })
    }

    pub(super) async fn set_iam(&self, action: &Action) -> Result<(), Failure> {
        let at = method(action)?;
        let iam = AuthorizationType::AwsIam;
        if at.kind == ApiKind::Rest {
            let patch = [replaces("/authorizationType", iam.as_str())];
            return self.update_method(&at, patch).await;
        }
        let request = self.http(at.region).await.update_route();
        let request = request.api_id(at.api).route_id(at.resource);
        let answer = request.authorization_type(RouteType::AwsIam).send().await;
        answer.map_err(|error| failure("apigateway:UpdateRoute", error))?;
        Ok(())
    }

    /// Gives a method the type, the authorizer and the scopes that it had.
    pub(super) async fn set_back(&self, action: &Action, to: &State) -> Result<(), Failure> {
        let at = method(action)?;
        let State::Method {
            authorization: Some(kind),
            authorizer,
            scopes,
        } = to
        else {
            return Err(no_such_call());
        };
        if at.kind == ApiKind::Rest {
            let mut patch = vec![replaces("/authorizationType", kind)];
            patch.extend(authorizer.iter().map(|it| replaces("/authorizerId", it)));
            // Setting the type takes scopes away, where there were any.
            let scopes = scopes.iter().map(|it| {
                let add = PatchOperation::builder().op(Op::Add);
                add.path("/authorizationScopes").value(it).build()
            });
            patch.extend(scopes);
            return self.update_method(&at, patch).await;
        }
        let request = self.http(at.region).await.update_route();
        let request = request.api_id(at.api).route_id(at.resource);
        let request = request.authorization_type(RouteType::from(kind.as_str()));
        let request = request.set_authorizer_id(authorizer.clone());
        let scopes = (!scopes.is_empty()).then(|| scopes.clone());
        let answer = request.set_authorization_scopes(scopes).send().await;
        answer.map_err(|error| failure("apigateway:UpdateRoute", error))?;
        Ok(())
    }

    async fn update_method(
        &self,
        at: &Method<'_>,
        patch: impl IntoIterator<Item = PatchOperation>,
    ) -> Result<(), Failure> {
        let request = self.rest(at.region).await.update_method();
        let request = request.rest_api_id(at.api).resource_id(at.resource);
        let patch = Some(patch.into_iter().collect());
        let request = request.http_method(at.verb).set_patch_operations(patch);
        let answer = request.send().await;
        answer.map_err(|error| failure("apigateway:UpdateMethod", error))?;
        Ok(())
    }
}

/// What replaces a value.
pub(super) fn replaces(path: &str, value: &str) -> PatchOperation {
    let replace = PatchOperation::builder().op(Op::Replace);
    replace.path(path).value(value).build()
}
