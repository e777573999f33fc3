//! Circles of files: each uses the next one, and the last one the first.

use std::collections::{BTreeMap, BTreeSet};

use super::uses::{Module, Sources};

/// Each circle by the paths of its modules, in order.
pub(super) fn circles(sources: &Sources) -> Vec<Vec<String>> {
    let uses: BTreeMap<&Module, BTreeSet<Module>> = sources
        .iter()
        .map(|(it, _)| (it, sources.used(it)))
        .collect();
    let reached = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&Module> = uses[from].iter().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module.clone()) {
                next.extend(uses.get(module).into_iter().flatten());
            }
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> =
        uses.keys().map(|it| (*it, reached(it))).collect();
    let mut circles = BTreeSet::new();
    for (module, others) in reached.iter().filter(|(it, others)| others.contains(**it)) {
        let circle = others.iter().filter(|it| reached[it].contains(*module));
        let circle: Vec<String> = circle.map(|it| it.join("::")).collect();
        circles.insert(circle);
    }
    circles.into_iter().collect()
}
