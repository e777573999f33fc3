//! Operations of an OpenAPI definition: a requirement in `security`, and the scheme that it names.
//!
//! Both kinds of API take it. Sources: [x-amazon-apigateway-authtype](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html),
//! [x-amazon-apigateway-auth](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html).

use super::edit::{Edit, Mend};
use super::find::{Chain, Name};
use super::made_by::made_by;
use super::style::New;
use super::value::set;
use super::{IAM, NONE, Source};

/// The extension by which a scheme is that of AWS_IAM.
const AUTHTYPE: &str = "x-amazon-apigateway-authtype";

/// The extension by which an operation says its authorization type itself.
const AUTH: &str = "x-amazon-apigateway-auth";

/// The names of a new scheme, in the order in which one is taken that no other scheme has. API Gateway's exports have the first.
const NAMES: [&str; 3] = ["sigv4", "aws_iam", "gatewatch_sigv4"];

impl<'s> Source<'s> {
    /// Mends an operation.
    pub(super) fn operation(&self, operation: &Chain<'s>) -> Result<Mend, String> {
        let value = operation.value();
        if let Some(made) = made_by(value) {
            return Err(format!("the operation is made by `{made}`"));
        }
        if let Some(stated) = operation.to(AUTH) {
            self.refuse_shared(&stated)?;
            let kind = stated.to("type").ok_or(format!("`{AUTH}` has no `type`"))?;
            self.refuse_shared(&kind)?;
            let mend = set(&self.writer, &kind, NONE, IAM)
                .map_err(|why| format!("`type` of `{AUTH}` {why}"))?;
            return Ok(self.noting_deployments(mend, operation));
        }
        // The three last steps are `paths`, the path, and the operation.
        let document = operation.begin(operation.depth().saturating_sub(3));
        let (name, scheme) = self.scheme(&document)?;
        let requirement = New::map([(name.as_str(), New::List(Vec::new()))]);
        let required = match operation.to_entry("security") {
            None => {
                let new = [("security", New::List(vec![requirement]))];
                self.writer.add(operation, &new, None)
            }
            Some(security) if security.value().is_null() => {
                self.writer.fill(&security, &New::List(vec![requirement]))
            }
            Some(security) => {
                self.refuse_shared(&security)?;
                match none_in(&security) {
                    Some(none) => self.renamed(&none, &security, &name),
                    None => self.writer.append(&security, &requirement),
                }
            }
        };
        let required = required.map_err(|why| format!("`security` of the operation {why}"))?;
        Ok(self.noting_deployments(required.and(scheme), operation))
    }

    /// The name of a scheme of AWS_IAM, and the change that defines it, unless the document does.
    fn scheme(&self, document: &Chain<'s>) -> Result<(String, Mend), String> {
        let way: &[&str] = match document.value() {
            it if it.get("swagger").is_some() => &["securityDefinitions"],
            it if it.get("openapi").is_some() => &["components", "securitySchemes"],
            _ => {
                return Err(
                    "the document has neither `openapi` nor `swagger`, so that it cannot be told where its security schemes \
                     stand"
                        .to_owned(),
                );
            }
        };
        let mut place = document.clone();
        for (index, key) in way.iter().enumerate() {
            let Some(next) = place.to(key) else {
                let missing = way.get(index..).unwrap_or_default();
                return self.new_scheme(&place, missing, NAMES[0]);
            };
            place = next;
            self.refuse_shared(&place)?;
        }
        let schemes = place.value().entries();
        let is_iam = |scheme: &crate::yaml::Part| {
            let kind = scheme.get(AUTHTYPE).and_then(|it| it.text());
            kind.is_some_and(|it| it.trim().eq_ignore_ascii_case("awsSigv4"))
        };
        let known = schemes.iter().find(|(_, scheme)| is_iam(scheme));
        if let Some(name) = known.and_then(|(key, _)| key.text()) {
            return Ok((name.to_owned(), Mend::default()));
        }
        let is_free = |name: &&&str| place.value().entry(name).is_none();
        let name = NAMES.iter().find(is_free);
        let name = name.ok_or("all names for a security scheme of AWS_IAM are taken")?;
        self.new_scheme(&place, &[], name)
    }

    /// Defines a scheme. `missing`: the keys on the way to it that are not there.
    fn new_scheme(
        &self,
        place: &Chain<'s>,
        missing: &[&str],
        name: &str,
    ) -> Result<(String, Mend), String> {
        let scheme = New::map([
            ("type", New::text("apiKey")),
            ("name", New::text("Authorization")),
            ("in", New::text("header")),
            (AUTHTYPE, New::text("awsSigv4")),
        ]);
        let defined = self.writer.add_below(place, missing, (name, scheme));
        let defined = defined.map_err(|why| format!("the place of the security schemes {why}"))?;
        Ok((name.to_owned(), defined))
    }

    /// SAM's word for no authorizer gives way to the name of the scheme.
    fn renamed(&self, none: &Chain<'s>, security: &Chain<'s>, name: &str) -> Result<Mend, String> {
        let key = none.key().ok_or("is not understood")?;
        let written = self.writer.slice(key);
        let at = written.find(NONE).ok_or("is not understood")?;
        let start = key.start + at;
        if !name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_')
        {
            return Err("says `NONE`, and the scheme has a name that is not plain".to_owned());
        }
        Ok(Mend {
            edits: vec![Edit {
                at: start..start + NONE.len(),
                text: name.to_owned(),
                depth: none.depth(),
            }],
            sets: vec![security.steps()],
            notes: Vec::new(),
        })
    }
}

/// Where `security` says, by SAM's word, that there is no authorizer.
fn none_in<'s>(security: &Chain<'s>) -> Option<Chain<'s>> {
    let items = security.value().items().iter().enumerate();
    let mut found = items.filter_map(|(index, item)| {
        let item = security.with(Name::Item(index), item);
        item.to_entry(NONE)
    });
    found.next()
}
