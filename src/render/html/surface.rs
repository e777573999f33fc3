//! Who reaches the methods of each API, and what they ask for.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::Report;
use crate::audit::surface::Surface;
use crate::render::console;

/// An API in numbers.
#[derive(Debug, Serialize)]
pub(super) struct SurfaceJson<'a> {
    region: &'a str,
    id: &'a str,
    name: &'a str,
    tags: &'a BTreeMap<String, String>,
    /// Its page in the console. `None`: it is not deployed yet, or the console is not known.
    console: Option<String>,
    methods: Vec<OfferedJson>,
}

/// So many methods of one sort.
#[derive(Debug, Serialize)]
struct OfferedJson {
    exposure: &'static str,
    /// Whether more callers may reach them than the settings say.
    may_be_wider: bool,
    protection: &'static str,
    count: usize,
}

/// The APIs of a report, in its order.
pub(super) fn surfaces(report: &Report) -> Vec<SurfaceJson<'_>> {
    let surfaces = report.evaluation.surfaces.iter();
    surfaces.map(|it| of_api(report, it)).collect()
}

fn of_api<'a>(report: &'a Report, surface: &'a Surface) -> SurfaceJson<'a> {
    let is_deployed = report.scope.template.is_none();
    let page = || {
        console::api(
            &report.partition,
            &surface.region,
            surface.kind,
            &surface.id,
        )
    };
    let methods = surface.methods.iter().map(|(offered, count)| OfferedJson {
        exposure: offered.exposure.as_str(),
        may_be_wider: offered.may_be_wider,
        protection: offered.protection.as_str(),
        count: *count,
    });
    SurfaceJson {
        region: &surface.region,
        id: &surface.id,
        name: &surface.name,
        tags: &surface.tags,
        console: is_deployed.then(page).flatten(),
        methods: methods.collect(),
    }
}
