//! The remedies that several rules share: the steps of the AWS article that gatewatch grew from
//! (set AWS_IAM, deploy, grant at group level, verify).

use crate::audit::context::Context;
use crate::audit::finding::Remedy;
use crate::audit::method::{MethodAt, MethodView};
use crate::audit::remedy::commands::{
    ARTICLE, AUTHORIZERS, DEPLOYING, PERMISSIONS, set_command, show_command,
};
use crate::audit::remedy::{grant, preflight};
use crate::inventory::{ApiKind, AuthorizationType, DraftMethod, quoted};

/// Where the authorization type stands in code.
const IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; \
     SAM: Auth: {DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

/// Where the authorization type of a route stands in code.
const ROUTE_IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGatewayV2::Route; \
     SAM: Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

/// The same in Terraform.
const IN_TERRAFORM: &str = "Terraform: authorization = \"AWS_IAM\" on the aws_api_gateway_method; in a body, a security scheme with \
     x-amazon-apigateway-authtype: awsSigv4";

/// The same of a route in Terraform.
const ROUTE_IN_TERRAFORM: &str = "Terraform: authorization_type = \"AWS_IAM\" on the aws_apigatewayv2_route; in a body, a security \
     scheme with x-amazon-apigateway-authtype: awsSigv4";

/// How Terraform deploys an API anew.
const DEPLOYED_IN_TERRAFORM: &str = "Terraform: triggers of the aws_api_gateway_deployment that change with the API's methods; a new \
     deployment brings all that the file changes of the API";

pub(in crate::audit) fn in_terraform(method: &MethodView<'_>) -> &'static str {
    match method.api.kind {
        ApiKind::Rest => IN_TERRAFORM,
        ApiKind::Http | ApiKind::WebSocket => ROUTE_IN_TERRAFORM,
    }
}

fn in_code(method: &MethodView<'_>) -> &'static str {
    match method.api.kind {
        ApiKind::Rest => IN_CODE,
        ApiKind::Http | ApiKind::WebSocket => ROUTE_IN_CODE,
    }
}

/// Make the method what the policy file demands.
pub(in crate::audit) fn protect(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let iam = &AuthorizationType::AwsIam;
    if !method.accepts(iam) {
        return other_authorizer(context, method);
    }
    let drafted = method.draft.and_then(|it| it.authorization.as_ref());
    if let Some(kind) = drafted.filter(|it| *it != iam && method.accepts(it)) {
        let why = format!(
            "the draft has {kind} there already, and other methods of its path that do not have what is required: \
             mend those in the draft, then deploy"
        );
        return withheld("protect the method", &why);
    }
    if let Some(why) = method.draft.and_then(preflight::only_preflights) {
        return withheld("protect the method", why);
    }
    match (method.draft, &method.api.draft) {
        (Some(draft), _) => match context.changes.edit(method, draft) {
            Ok(said) => set_iam(context, method, draft, &said),
            Err(why) => withheld("protect the method", &why),
        },
        (None, Some(_)) => match method.taken_over {
            Some(route) => protect_route(context, route),
            None => take_out(context, method),
        },
        (None, None) => look_at_draft(method),
    }
}

/// Set the draft's method to AWS_IAM, deploy, and grant invoke. `said`: what the edit changes besides.
fn set_iam(
    context: Context<'_>,
    method: &MethodView<'_>,
    draft: &DraftMethod,
    said: &str,
) -> Remedy {
    let deploy = if method.stage.takes_edits_at_once() {
        ""
    } else {
        ", deploy the API"
    };
    let granted = MethodAt {
        api: method.api,
        stage: method.stage,
        verb: method.verb,
        path: method.path,
    };
    let exposures: Vec<_> = method.reach.exposures().collect();
    let group = grant::granted_group(context, granted, &exposures);
    let grant = match group {
        Some(group) => format!("; group {} can call it already", quoted(group)),
        None => ", grant invoke to a group".to_owned(),
    };
    let lost = preflight::lost(method.api, draft);
    let lost = lost.map_or_else(String::new, |it| format!("; {it}"));
    let mut remedy = Remedy::new(format!(
        "set AWS_IAM on the method{deploy}{grant}; then an unsigned request must answer 403 and a \
         signed one must pass{said}{lost}"
    ))
    .with_commands([set_command(method, draft, &AuthorizationType::AwsIam)])
    .in_code(in_code(method))
    .in_terraform(in_terraform(method))
    .with_references([ARTICLE, PERMISSIONS]);
    context.changes.deploy(method, Some(draft), &mut remedy);
    if group.is_none() {
        grant::add(
            &mut remedy,
            grant::to_its_group(context, granted, &exposures),
        );
    }
    remedy
}

/// Protect the open route that may answer once the method is gone.
fn protect_route(context: Context<'_>, route: &DraftMethod) -> Remedy {
    Remedy::new(format!(
        "the draft no longer has this method, but {}, which is open, may answer in its place: protect that route in \
         the draft, then deploy the API{}",
        route.name(),
        context.changes.warning()
    ))
    .in_terraform(DEPLOYED_IN_TERRAFORM)
    .with_references([ARTICLE, DEPLOYING])
}

/// Deploy the draft, which no longer has the method.
fn take_out(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let mut remedy = Remedy::new("deploy the API: its draft no longer has this method")
        .in_terraform(DEPLOYED_IN_TERRAFORM)
        .with_references([ARTICLE, DEPLOYING]);
    context.changes.deploy(method, None, &mut remedy);
    remedy
}

/// Nobody has looked at what a deployment would bring: there is no command that deploys it.
fn look_at_draft(method: &MethodView<'_>) -> Remedy {
    Remedy::new(
        "look at the API's draft, which could not be read here, and at what else it would change; set AWS_IAM on the \
         method, then deploy",
    )
    .with_commands([show_command(method)])
    .in_code(in_code(method))
    .in_terraform(in_terraform(method))
    .with_references([ARTICLE, DEPLOYING])
}

/// What is to be done where the command that sets AWS_IAM would do harm.
pub(in crate::audit) fn withheld(what: &str, why: &str) -> Remedy {
    Remedy::new(format!(
        "{what}; no command that sets AWS_IAM is given: {why}"
    ))
    .with_references([AUTHORIZERS, DEPLOYING])
}

/// An authorizer has to be made or chosen first: there is no command that is ready to paste.
fn other_authorizer(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let known = AuthorizationType::KNOWN.iter();
    let accepted: Vec<&str> = known
        .filter(|it| method.accepts(it))
        .map(AuthorizationType::as_str)
        .collect();
    let what = if accepted.is_empty() && method.judged_as.len() > 1 {
        // `ANY` must meet what is demanded of every verb that it answers.
        "give each verb a method of its own, with the authorizer that the policy file accepts there"
            .to_owned()
    } else if accepted.is_empty() {
        "the policy file accepts no type both with the API's settings and without them, and it is not known whether \
         they are deployed: let it accept one for both, give the method that"
            .to_owned()
    } else {
        let types = accepted.join(" or ");
        format!("give the method an authorizer of type {types}")
    };
    let summary = match context.inventory.scope.template {
        // A file has no draft beside it, and is deployed by its own tool.
        Some(_) => what,
        None => format!(
            "{what}, look at what else the draft changes, then deploy the API to stage {}{}",
            method.stage.name,
            context.changes.warning()
        ),
    };
    Remedy::new(summary).with_references([AUTHORIZERS, DEPLOYING])
}

/// Deploy what the draft has already.
pub(in crate::audit) fn deploy(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let mut remedy =
        Remedy::new("deploy the API to this stage: the change was made and never deployed")
            .in_code(
                "CloudFormation: a new deployment resource that the stage points at; an existing one never changes",
            )
            .in_terraform(DEPLOYED_IN_TERRAFORM)
            .with_references([ARTICLE, DEPLOYING]);
    context.changes.deploy(method, None, &mut remedy);
    remedy
}
