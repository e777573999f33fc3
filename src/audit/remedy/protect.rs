//! The remedies that several rules share: the steps of the AWS article that gatewatch grew from
//! (set AWS_IAM, deploy, grant at group level, verify).

use crate::audit::context::Context;
use crate::audit::finding::Remedy;
use crate::audit::method::{MethodAt, MethodView};
use crate::audit::remedy::commands::{
    ARTICLE, AUTHORIZERS, DEPLOYING, PERMISSIONS, set_command, show_command,
};
use crate::audit::remedy::grant;
use crate::inventory::{ApiKind, AuthorizationType, DraftMethod};

/// Where the authorization type stands in code.
const IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; \
     SAM: Auth: {DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

/// Where the authorization type of a route stands in code.
const ROUTE_IN_CODE: &str = "CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGatewayV2::Route; \
     SAM: Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}; \
     OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4";

fn in_code(method: &MethodView<'_>) -> &'static str {
    match method.api.kind {
        ApiKind::Rest => IN_CODE,
        ApiKind::Http | ApiKind::WebSocket => ROUTE_IN_CODE,
    }
}

/// Make the method what the policy file demands.
pub(in crate::audit) fn protect(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    if !method.accepts(&AuthorizationType::AwsIam) {
        return other_authorizer(context, method);
    }
    let drafted = method.draft.and_then(|it| it.authorization.as_ref());
    let iam = &AuthorizationType::AwsIam;
    if let Some(kind) = drafted.filter(|it| *it != iam && method.accepts(it)) {
        let why = format!(
            "the draft has {kind} there already, and other methods of its path that do not have what is required: \
             mend those in the draft, then deploy"
        );
        return withheld("protect the method", &why);
    }
    match (method.draft, &method.api.draft) {
        (Some(draft), _) => {
            let said = match context.changes.edit(method, draft) {
                Ok(said) => said,
                Err(why) => return withheld("protect the method", &why),
            };
            let deploy = if method.stage.takes_edits_at_once() {
                ""
            } else {
                "deploy the API, "
            };
            let mut remedy = Remedy {
                summary: format!(
                    "set AWS_IAM on the method, {deploy}grant invoke to a group; then an unsigned request must \
                     answer 403 and a signed one must pass{said}"
                ),
                commands: vec![set_command(method, draft, &AuthorizationType::AwsIam)],
                infrastructure_as_code: Some(in_code(method).to_owned()),
                references: vec![ARTICLE, PERMISSIONS],
            };
            context.changes.deploy(method, Some(draft), &mut remedy);
            let granted = MethodAt {
                api: method.api,
                stage: method.stage,
                verb: method.verb,
                path: method.path,
            };
            let exposures: Vec<_> = method.reach.exposures().collect();
            grant::add(
                &mut remedy,
                grant::to_its_group(context, granted, &exposures),
            );
            remedy
        }
        (None, Some(_)) if method.taken_over.is_some() => Remedy {
            summary: format!(
                "the draft no longer has this method, but {}, which is open, may answer in its place: protect that \
                 route in the draft, then deploy the API{}",
                method.taken_over.map(DraftMethod::name).unwrap_or_default(),
                context.changes.warning()
            ),
            commands: Vec::new(),
            infrastructure_as_code: None,
            references: vec![ARTICLE, DEPLOYING],
        },
        (None, Some(_)) => {
            let mut remedy = Remedy {
                summary: "deploy the API: its draft no longer has this method".to_owned(),
                commands: Vec::new(),
                infrastructure_as_code: None,
                references: vec![ARTICLE, DEPLOYING],
            };
            context.changes.deploy(method, None, &mut remedy);
            remedy
        }
        // Nobody has looked at what a deployment would bring: no command that deploys it.
        (None, None) => Remedy {
            summary:
                "look at the API's draft, which could not be read here, and at what else it would \
                      change; set AWS_IAM on the method, then deploy"
                    .to_owned(),
            commands: vec![show_command(method)],
            infrastructure_as_code: Some(in_code(method).to_owned()),
            references: vec![ARTICLE, DEPLOYING],
        },
    }
}

/// What is to be done, where the command that sets AWS_IAM would do harm.
pub(in crate::audit) fn withheld(what: &str, why: &str) -> Remedy {
    Remedy {
        summary: format!("{what}; no command that sets AWS_IAM is given: {why}"),
        commands: Vec::new(),
        infrastructure_as_code: None,
        references: vec![AUTHORIZERS, DEPLOYING],
    }
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
        let accepted = accepted.join(" or ");
        format!("give the method an authorizer of type {accepted}")
    };
    Remedy {
        summary: format!(
            "{what}, look at what else the draft changes, then deploy the API to stage {}{}",
            method.stage.name,
            context.changes.warning()
        ),
        commands: Vec::new(),
        infrastructure_as_code: None,
        references: vec![AUTHORIZERS, DEPLOYING],
    }
}

/// Deploy what the draft has already.
pub(in crate::audit) fn deploy(context: Context<'_>, method: &MethodView<'_>) -> Remedy {
    let mut remedy = Remedy {
        summary: "deploy the API to this stage: the change was made and never deployed".to_owned(),
        commands: Vec::new(),
        infrastructure_as_code: Some(
            "CloudFormation: a new deployment resource that the stage points at; \
             an existing one never changes"
                .to_owned(),
        ),
        references: vec![ARTICLE, DEPLOYING],
    };
    context.changes.deploy(method, None, &mut remedy);
    remedy
}
