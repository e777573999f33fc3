//! The methods of a block in few words.

use crate::audit::finding::{Finding, Place};

/// So many methods of a block are named.
const MOST: usize = 24;

/// Methods that stand in the same stages.
pub(super) struct Subjects {
    /// Such as `GET POST /pets` or `group api-testers`. They may hold anything.
    pub(super) names: Vec<String>,
    /// The stages that they stand in, in order.
    pub(super) stages: Vec<String>,
    /// How many more methods there are.
    pub(super) more: usize,
}

/// A path, or whatever else is spoken of, with its verbs.
type Verbs = (String, Vec<String>);

/// What the findings are about: the verbs of a path together, and together what stands in the same stages.
pub(super) fn subjects(findings: &[&Finding]) -> Vec<Subjects> {
    // Each keeps its first place.
    let mut of_stages: Vec<(Vec<String>, Vec<Verbs>)> = Vec::new();
    for (what, verb, stages) in in_stages(findings) {
        let at = of_stages.iter().position(|it| it.0 == stages);
        let at = at.unwrap_or_else(|| {
            of_stages.push((stages, Vec::new()));
            of_stages.len() - 1
        });
        let Some((_, whats)) = of_stages.get_mut(at) else {
            continue;
        };
        match (whats.iter_mut().find(|it| it.0 == what), verb) {
            (Some((_, verbs)), Some(verb)) => verbs.push(verb),
            (_, verb) => whats.push((what, verb.into_iter().collect())),
        }
    }
    let mut left = MOST;
    let subjects = of_stages.into_iter().map(|(stages, whats)| {
        let all: usize = whats.iter().map(|it| it.1.len().max(1)).sum();
        let (mut names, mut named) = (Vec::new(), 0);
        for (what, mut verbs) in whats {
            if left == 0 {
                break;
            }
            left -= 1;
            named += verbs.len().max(1);
            verbs.push(what);
            names.push(verbs.join(" "));
        }
        Subjects {
            names,
            stages,
            more: all - named,
        }
    });
    subjects.collect()
}

/// Each thing that is spoken of, its verb apart, and the stages that it stands in.
fn in_stages(findings: &[&Finding]) -> Vec<(String, Option<String>, Vec<String>)> {
    let mut at = std::collections::HashMap::new();
    let mut all: Vec<(String, Option<String>, Vec<String>)> = Vec::new();
    for finding in findings {
        let (what, verb) = subject(&finding.place);
        let next = all.len();
        let at = *at.entry((what.clone(), verb.clone())).or_insert(next);
        if at == next {
            all.push((what, verb, Vec::new()));
        }
        if let (Some((.., stages)), Some(stage)) = (all.get_mut(at), &finding.place.stage)
            && !stages.iter().any(|it| stage == it)
        {
            stages.push(stage.to_string());
        }
    }
    all
}

/// What a finding is about, but for its API and stage; the verb of a method apart.
fn subject(place: &Place) -> (String, Option<String>) {
    let mut words: Vec<String> = Vec::new();
    if let Some(principal) = &place.principal {
        words.push(format!("{} {}", principal.kind.as_str(), principal.name));
    }
    let mut apart = None;
    match (&place.route_key, &place.verb, &place.path) {
        (Some(route), verb, Some(path))
            if (verb.iter()).any(|it| *route == format!("{it} {path}")) =>
        {
            apart = verb.as_deref();
            words.push(path.to_string());
        }
        (None, Some(verb), Some(path)) => {
            apart = Some(verb.as_str());
            words.push(path.to_string());
        }
        (Some(route), ..) => words.push(route.to_string()),
        _ => {}
    }
    if let Some(exemption) = &place.exemption {
        words.push(format!("exemption for {}", exemption.in_words));
    }
    if let Some(location) = &place.location {
        words.push(location.to_string());
    }
    // A verb goes before a path that stands alone.
    match apart {
        Some(verb) if words.len() > 1 => {
            let at = words
                .iter()
                .position(|word| Some(word.as_str()) == place.path.as_deref());
            if let Some(word) = at.and_then(|at| words.get_mut(at)) {
                *word = format!("{verb} {word}");
            }
            (words.join(", "), None)
        }
        apart => (words.join(", "), apart.map(str::to_owned)),
    }
}
