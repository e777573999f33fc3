//! The truth table: what the configuration says, what an answer shows, and what follows.

use super::*;
use Protection::{Authorizer, Iam, KeyOnly, Open, Unknown};

fn expected(asks: &[Protection], anonymous: Anonymous) -> Expected {
    Expected {
        asks: asks.to_vec(),
        may_be_absent: false,
        anonymous,
        entrance: Entrance::DefaultEndpoint,
    }
}

/// A word for a verdict: `agrees`, `gap`, or the severity of a disagreement.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Agrees => "agrees",
        Verdict::Disagrees { severity, .. } => severity.as_str(),
        Verdict::NotJudged { .. } => "gap",
    }
}

const SHOWN: [Shows; 10] = [
    Shows::Open,
    Shows::SignatureDemanded,
    Shows::SignatureInvalid,
    Shows::Authorizer,
    Shows::AnonymousRefused,
    Shows::AccessDenied,
    Shows::Forbidden,
    Shows::NothingThere,
    Shows::Throttled,
    Shows::Unclear,
];

fn row(kind: ApiKind, expected: &Expected) -> Vec<&'static str> {
    let words = SHOWN.map(|shows| word(&of_unsigned(kind, expected, shows)));
    words.to_vec()
}

#[test]
fn every_answer_has_its_verdict() {
    let let_in = Anonymous::LetIn;
    #[rustfmt::skip]
    let table = [
        //                 open      signature  invalid   authorizer anonymous denied    forbidden nothing   throttled unclear
        (&[Iam][..],        ["high", "agrees",  "gap",    "medium",  "gap",    "gap",    "gap",    "gap",    "gap",    "gap"]),
        (&[Authorizer][..], ["high", "low",     "gap",    "agrees",  "agrees", "agrees", "gap",    "gap",    "gap",    "gap"]),
        (&[KeyOnly][..],    ["high", "low",     "gap",    "low",     "low",    "gap",    "agrees", "gap",    "gap",    "gap"]),
        (&[Open][..],       ["agrees", "low",   "agrees", "low",     "low",    "gap",    "gap",    "agrees", "gap",    "agrees"]),
        (&[Unknown][..],    ["high", "gap",     "gap",    "gap",     "agrees", "gap",    "gap",    "gap",    "gap",    "gap"]),
        // A canary that serves another type.
        (&[Open, Iam][..],  ["agrees", "agrees", "agrees", "medium", "low",    "gap",    "gap",    "agrees", "gap",    "agrees"]),
    ];
    for (asks, words) in table {
        let expected = expected(asks, let_in);
        assert_eq!(row(ApiKind::Rest, &expected), words, "{asks:?}");
    }
}

#[test]
fn an_http_api_refuses_who_does_not_sign() {
    for (asks, word_of_forbidden) in [
        (&[Iam][..], "agrees"),
        (&[Authorizer][..], "agrees"),
        (&[Open][..], "low"),
        (&[Unknown][..], "gap"),
    ] {
        let expected = expected(asks, Anonymous::LetIn);
        for kind in [ApiKind::Http, ApiKind::WebSocket] {
            let verdict = of_unsigned(kind, &expected, Shows::Forbidden);
            assert_eq!(word(&verdict), word_of_forbidden, "{asks:?}");
        }
    }
}

#[test]
fn a_resource_policy_that_is_deployed_is_told_from_one_that_is_not() {
    for (anonymous, let_in, refused) in [
        (Anonymous::LetIn, "agrees", "low"),
        (Anonymous::Refused, "high", "agrees"),
        (Anonymous::FromNetworks, "gap", "agrees"),
        (Anonymous::Unknown, "agrees", "gap"),
    ] {
        let expected = expected(&[Open], anonymous);
        let of = |shows| word(&of_unsigned(ApiKind::Rest, &expected, shows));
        assert_eq!(of(Shows::Open), let_in, "{anonymous:?}");
        assert_eq!(of(Shows::AnonymousRefused), refused, "{anonymous:?}");
    }
}

/// A policy that refuses everybody who does not sign hides whether the method would.
#[test]
fn a_policy_that_refuses_does_not_show_that_a_signature_is_demanded() {
    let refused = expected(&[Iam], Anonymous::Refused);
    for shows in [Shows::AnonymousRefused, Shows::AccessDenied] {
        assert_eq!(word(&of_unsigned(ApiKind::Rest, &refused, shows)), "gap");
    }
    let open = expected(&[Open], Anonymous::Refused);
    let verdict = of_unsigned(ApiKind::Rest, &open, Shows::AccessDenied);
    assert_eq!(word(&verdict), "agrees");
}

#[test]
fn a_disabled_endpoint_has_to_refuse() {
    for asks in [Open, Iam, Authorizer] {
        let disabled = Expected {
            entrance: Entrance::Disabled,
            ..expected(&[asks], Anonymous::LetIn)
        };
        let words = [
            "high", "medium", "gap", "medium", "medium", "medium", "agrees", "agrees", "gap", "gap",
        ];
        assert_eq!(row(ApiKind::Rest, &disabled), words, "{asks:?}");
    }
}

#[test]
fn a_method_that_only_one_deployment_has_may_be_missing() {
    for asks in [Open, Iam, Authorizer] {
        let absent = Expected {
            may_be_absent: true,
            ..expected(&[asks], Anonymous::LetIn)
        };
        for shows in [Shows::SignatureDemanded, Shows::NothingThere] {
            assert_eq!(word(&of_unsigned(ApiKind::Rest, &absent, shows)), "agrees");
        }
    }
}

/// Whatever is expected and whatever comes: nothing that lets somebody in agrees with what is closed.
#[test]
fn nothing_that_answers_looks_closed() {
    for asks in [Iam, Authorizer, KeyOnly, Unknown] {
        for anonymous in [
            Anonymous::LetIn,
            Anonymous::FromNetworks,
            Anonymous::Refused,
            Anonymous::Unknown,
        ] {
            for kind in [ApiKind::Rest, ApiKind::Http, ApiKind::WebSocket] {
                let expected = expected(&[asks], anonymous);
                let of = |shows| word(&of_unsigned(kind, &expected, shows));
                assert_eq!(of(Shows::Open), "high");
                for shows in [Shows::Unclear, Shows::Throttled, Shows::SignatureInvalid] {
                    assert_eq!(of(shows), "gap", "{asks:?} {anonymous:?} {shows:?}");
                }
            }
        }
    }
}

#[test]
fn a_signed_answer_is_judged_by_its_signature_alone() {
    let words = SHOWN.map(|shows| word(&of_signed(shows)));
    assert_eq!(
        words,
        [
            "agrees", "gap", "gap", "medium", "agrees", "agrees", "gap", "gap", "gap", "gap"
        ]
    );
}
