//! Definitions that are merged into what the API has: the methods that an earlier one had stay.
//!
//! Source: [`put_rest_api_mode`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_rest_api#put_rest_api_mode-1).

use super::attributes::Attributes;
use super::changes::Changes;
use super::instances::Instances;
use super::types::REST_API;
use crate::template::reading::Reading;
use crate::template::tree::Unknown;

/// Says of each API whose definition is merged what is not known of its methods.
pub(super) fn what_stays(
    reading: &mut Reading,
    instances: &Instances<'_>,
    attributes: &[Attributes],
    changes: &Changes<'_, '_>,
) {
    for (instance, known) in instances.read.iter().zip(attributes) {
        let is_merged = instance.kind == REST_API
            && known.text("put_rest_api_mode") == Some("merge")
            && (known.text("body").is_some() || known.is_unknown("body"));
        let Some(api) = reading
            .apis
            .get_mut(&instance.address)
            .filter(|_| is_merged)
        else {
            continue;
        };
        if changes.is_made(&instance.address) {
            continue;
        }
        let before = changes.text_before(&instance.address, "body");
        if before.is_some() && before.as_deref() != known.text("body") {
            api.misses_methods(Unknown {
                why: "keeps the methods that its earlier definition had, as `put_rest_api_mode` is `merge`, and the definition changes: \
                      check the earlier one too"
                    .to_owned(),
                at: instance.at,
            });
        } else {
            let says = "`put_rest_api_mode` is `merge`: methods of earlier definitions that this one does not have are taken to be gone";
            api.assumed.push((says.to_owned(), instance.at));
        }
    }
}
