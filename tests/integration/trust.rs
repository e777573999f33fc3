//! Who can become a role, by trust policies that are right and nearly right.

use gatewatch::iam::document::Policy;
use gatewatch::iam::{Guest, guests};
use serde_json::{Value, json};

const COGNITO: &str = "cognito-identity.amazonaws.com";
const GITHUB: &str = "token.actions.githubusercontent.com";

/// Who is let in, in words, each with the place of the statement that does so.
fn admitted(statements: Value) -> Vec<(String, usize)> {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    let trust = Policy::from_value(&document).unwrap();
    let found = guests(&trust, "111122223333").into_iter();
    let found = found.map(|it| {
        let who = match it.who {
            Guest::AnyPrincipal => "any principal".to_owned(),
            Guest::Unauthenticated => "guests".to_owned(),
            Guest::AnyPool => "any pool".to_owned(),
            Guest::OpenId { issuer, is_shared } => {
                format!("{issuer}{}", if is_shared { "" } else { " (its own)" })
            }
            Guest::Saml { provider } => format!("saml {provider}"),
        };
        (who, it.statement)
    });
    found.collect()
}

fn who(statements: Value) -> Vec<String> {
    admitted(statements)
        .into_iter()
        .map(|(who, _)| who)
        .collect()
}

fn allow(principal: Value, action: &str, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition})
}

fn by_aws(principal: Value, condition: Value) -> Value {
    allow(json!({"AWS": principal}), "sts:AssumeRole", condition)
}

fn by_web(provider: &str, condition: Value) -> Value {
    let own = matches!(provider, COGNITO | "accounts.google.com");
    let provider = match own {
        true => provider.to_owned(),
        false => format!("arn:aws:iam::111122223333:oidc-provider/{provider}"),
    };
    allow(
        json!({"Federated": provider}),
        "sts:AssumeRoleWithWebIdentity",
        condition,
    )
}

fn deny(condition: Value) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": condition})
}

#[test]
fn principals_of_whatever_account_are_anybody_unless_a_condition_narrows_them() {
    let any = ["any principal"];
    assert_eq!(who(json!([by_aws(json!("*"), json!({}))])), any);
    for named in [
        json!("111122223333"),
        json!("arn:aws:iam::999988887777:root"),
        json!(["arn:aws:iam::999988887777:role/ci", "AIDAEXAMPLE"]),
    ] {
        assert!(who(json!([by_aws(named, json!({}))])).is_empty());
    }
    let service = json!({"Service": "lambda.amazonaws.com"});
    assert!(who(json!([allow(service, "sts:AssumeRole", json!({}))])).is_empty());
    for open in [
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "shop"}}),
        json!({"StringLike": {"sts:ExternalId": "*"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    ] {
        assert_eq!(
            who(json!([by_aws(json!("*"), open.clone())])),
            any,
            "{open}"
        );
    }
    for narrow in [
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/*"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "999988887777"}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}),
        json!({"StringEquals": {"sts:ExternalId": "5c0ffee"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}),
    ] {
        assert!(
            who(json!([by_aws(json!("*"), narrow.clone())])).is_empty(),
            "{narrow}"
        );
    }
    let other_than = json!({"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::999988887777:root"},
        "Action": "sts:AssumeRole"});
    assert_eq!(who(json!([other_than])), any);
}

#[test]
fn denials_count_and_the_statement_that_lets_in_is_named() {
    let everybody = || by_aws(json!("*"), json!({}));
    let ours = by_aws(json!("111122223333"), json!({}));
    assert_eq!(
        admitted(json!([ours, everybody()])),
        [("any principal".to_owned(), 1)]
    );
    let of_others = deny(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}));
    assert!(who(json!([everybody(), of_others])).is_empty());
    // Who signs in for somebody else is not told by this.
    let of_services = deny(json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}));
    assert_eq!(who(json!([everybody(), of_services])), ["any principal"]);
    let tagging = json!({"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"});
    assert!(who(json!([tagging])).is_empty());
}

#[test]
fn guests_of_an_identity_pool_are_those_whom_amr_does_not_keep_out() {
    let pool = json!({"cognito-identity.amazonaws.com:aud": "eu-west-1:0123"});
    let amr = |value: &str| json!({"cognito-identity.amazonaws.com:amr": value});
    let of = |condition: Value| who(json!([by_web(COGNITO, condition)]));
    let of_pool = |value: &str| json!({"StringEquals": pool, "ForAnyValue:StringLike": amr(value)});
    assert_eq!(of(of_pool("unauthenticated")), ["guests"]);
    assert_eq!(of(json!({"StringEquals": pool})), ["guests"]);
    assert_eq!(of(of_pool("*")), ["guests"]);
    assert_eq!(of(of_pool("un*")), ["guests"]);
    assert!(of(of_pool("authenticated")).is_empty());
    assert!(of(of_pool("graph.facebook.com")).is_empty());
    // Everybody is signed in at a pool of their own.
    let without_pool = json!({"ForAnyValue:StringLike": amr("authenticated")});
    assert_eq!(of(without_pool), ["any pool"]);
    assert_eq!(of(json!({})), ["guests", "any pool"]);
    let not_guests = deny(json!({"ForAnyValue:StringEquals": amr("unauthenticated")}));
    let open = by_web(COGNITO, json!({"StringEquals": pool}));
    assert!(who(json!([open, not_guests])).is_empty());
    let one_of_them = json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:0123",
        "cognito-identity.amazonaws.com:sub": "eu-west-1:4567"}});
    assert!(of(one_of_them).is_empty());
    // Of everybody, they are a part.
    let everybody = allow(
        json!("*"),
        "sts:AssumeRoleWithWebIdentity",
        of_pool("unauthenticated"),
    );
    assert_eq!(who(json!([everybody])), ["guests"]);
}

#[test]
fn a_token_tells_who_its_user_is_by_the_subject() {
    let key = |claim: &str| format!("{GITHUB}:{claim}");
    let audience = |rest: Value| {
        let mut condition = json!({"StringEquals": {key("aud"): "sts.amazonaws.com"}});
        condition
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        condition
    };
    let of = |condition: Value| who(json!([by_web(GITHUB, condition)]));
    assert_eq!(of(json!({})), [GITHUB]);
    assert_eq!(of(audience(json!({}))), [GITHUB]);
    for open in ["*", "repo:*", "repo:*/*:ref:refs/heads/main", "repo:octo*"] {
        let condition = audience(json!({"StringLike": {key("sub"): open}}));
        assert_eq!(of(condition), [GITHUB], "{open}");
        let listed = json!({"StringLike": {key("sub"): ["repo:octo-org/*", open]}});
        assert_eq!(of(listed), [GITHUB], "{open}");
    }
    let branch = json!({"StringEquals": {key("ref"): "refs/heads/main"}});
    assert_eq!(of(branch), [GITHUB]);
    for narrow in [
        json!({"StringLike": {key("sub"): "repo:octo-org/*"}}),
        json!({"StringEquals": {key("sub"): "repo:octo-org/octo-repo:ref:refs/heads/main"}}),
        json!({"ForAnyValue:StringLike": {key("sub"): "repo:octo-org/octo-repo:*"}}),
        json!({"StringEquals": {key("repository_owner_id"): "4711"}}),
    ] {
        assert!(of(narrow.clone()).is_empty(), "{narrow}");
    }
    let others = deny(json!({"StringNotLike": {key("sub"): "repo:octo-org/*"}}));
    assert!(who(json!([by_web(GITHUB, json!({})), others])).is_empty());
    // Conditions on the tokens of another provider are not met by these.
    let of_gitlab = json!({"StringLike": {"gitlab.com:sub": "project_path:group/*"}});
    assert!(of(of_gitlab).is_empty());
    let google = json!({"StringEquals": {"accounts.google.com:aud": "app.example.com"}});
    assert_eq!(
        who(json!([by_web("accounts.google.com", google)])),
        ["accounts.google.com"]
    );
}

#[test]
fn where_the_audience_tells_the_tenant_it_is_the_audience_that_counts() {
    let vercel = |audience: &str| {
        let condition = json!({"StringLike": {"oidc.vercel.com:aud": audience}});
        who(json!([by_web("oidc.vercel.com", condition)]))
    };
    assert!(vercel("https://vercel.com/octo-team").is_empty());
    assert_eq!(vercel("https://vercel.com/*"), ["oidc.vercel.com"]);
}

#[test]
fn a_provider_that_is_not_shared_is_said_to_be_its_own() {
    let cluster = "oidc.eks.eu-west-1.amazonaws.com/id/0123ABCD";
    let sub = |value: &str| {
        let condition = json!({"StringLike": {format!("{cluster}:sub"): value}});
        who(json!([by_web(cluster, condition)]))
    };
    assert!(sub("system:serviceaccount:shop:*").is_empty());
    assert_eq!(sub("*"), [format!("{cluster} (its own)")]);
    let audience = json!({"StringEquals": {format!("{cluster}:aud"): "sts.amazonaws.com"}});
    assert_eq!(
        who(json!([by_web(cluster, audience)])),
        [format!("{cluster} (its own)")]
    );
}

#[test]
fn an_assertion_for_another_service_is_kept_out_by_the_audience() {
    let of = |condition: Value| {
        let provider = json!({"Federated": "arn:aws:iam::111122223333:saml-provider/staff"});
        who(json!([allow(
            provider,
            "sts:AssumeRoleWithSAML",
            condition
        )]))
    };
    for kept in [
        json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}),
        json!({"StringLike": {"SAML:aud": "https://*.signin.aws.amazon.com/saml"}}),
        json!({"StringEquals": {"SAML:sub": "alice"}}),
    ] {
        assert!(of(kept.clone()).is_empty(), "{kept}");
    }
    for open in [
        json!({}),
        json!({"StringEquals": {"SAML:iss": "https://idp.example.com"}}),
        json!({"StringLike": {"SAML:aud": "https://*"}}),
        json!({"StringEquals": {"SAML:sub_type": "persistent"}}),
    ] {
        assert_eq!(of(open.clone()), ["saml staff"], "{open}");
    }
}
