//! What a pre-signed URL leads to.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The templates of a stack, or the template and the changes of a change set.
///
/// Source: [functions for Lambda Hooks](https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload {
    #[serde(default)]
    template: Option<String>,
    #[serde(default)]
    previous_template: Option<String>,
    #[serde(default)]
    changed_resources: Option<Vec<Change>>,
}

/// A resource that a change set makes, changes or deletes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) logical_resource_id: String,
    pub(super) resource_type: String,
    /// JSON in a text, with every number and boolean as a text.
    #[serde(default)]
    before_context: Option<String>,
    #[serde(default)]
    after_context: Option<String>,
}

impl Payload {
    /// Reads what came.
    ///
    /// # Errors
    /// Where it is something else. What came is not shown: it may be anything.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!(
                "what the event's URL leads to is no object with a template (line {line}, column {column})"
            )
        })
    }

    /// The template.
    ///
    /// # Errors
    /// Where there is none.
    pub(super) fn template(&self) -> Result<&str, String> {
        let template = self.template.as_deref().filter(|it| !it.trim().is_empty());
        template.ok_or_else(|| "what the event's URL leads to has no template".to_owned())
    }

    /// The template before. `None`: there was none.
    pub(super) fn previous_template(&self) -> Option<&str> {
        let previous = self.previous_template.as_deref();
        previous.filter(|it| !it.trim().is_empty())
    }

    /// The changes of a change set. `None`: it does not tell them.
    pub(super) fn changes(&self) -> Option<&[Change]> {
        self.changed_resources.as_deref()
    }
}

impl Change {
    /// The resource before. `None`: it is new.
    pub(super) fn before(&self) -> Result<Option<Map<String, Value>>, String> {
        self.state(self.before_context.as_deref())
    }

    /// The resource after. `None`: it is deleted.
    pub(super) fn after(&self) -> Result<Option<Map<String, Value>>, String> {
        self.state(self.after_context.as_deref())
    }

    fn state(&self, context: Option<&str>) -> Result<Option<Map<String, Value>>, String> {
        let read = context.map(serde_json::from_str).transpose();
        read.map_err(|_| {
            let id = &self.logical_resource_id;
            format!("the change set tells of resource `{id}` what is no JSON object")
        })
    }

    /// The name of a stage that it makes.
    pub(super) fn new_stage(&self) -> Option<String> {
        let kinds = ["AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"];
        let is_new = kinds.contains(&self.resource_type.as_str()) && self.before_context.is_none();
        if !is_new {
            return None;
        }
        let after = self.after().ok().flatten()?;
        let name = after.get("Properties")?.get("StageName")?.as_str()?;
        Some(name.to_owned())
    }
}
