//! All that changes at one stage when something else is served there.

use super::change::Change;

/// As many changes are named in a remedy, and as many commands are printed for them.
pub(in crate::audit) const NAMED: usize = 5;

/// The changes of one stage, in the order of paths and verbs. An API may have thousands, and each of its findings
/// asks about them: nobody is answered with a look at all.
#[derive(Debug, Default)]
pub(in crate::audit) struct Changes<'a> {
    all: Vec<Change<'a>>,
    /// The indices of those that are harm.
    harms: Vec<usize>,
}

/// What there is to say of changes.
pub(in crate::audit) enum Told<'a> {
    /// Nothing changes.
    Nothing,
    /// What changes, in words that follow "the deployment". None of it is harm.
    Changes(String),
    /// The same, with what changes at the method that is asked about.
    All(String),
    /// The methods that must not be changed in this way, each with the reason, and those that are named.
    Harm {
        words: String,
        named: Vec<Change<'a>>,
    },
}

impl<'a> Changes<'a> {
    pub(in crate::audit) fn new(changes: impl Iterator<Item = Change<'a>>) -> Self {
        let mut all: Vec<Change<'a>> = changes.collect();
        all.sort_by_key(Change::place);
        let harms = all.iter().enumerate();
        let harms = harms.filter_map(|(index, it)| it.is_harm().then_some(index));
        Changes {
            harms: harms.collect(),
            all,
        }
    }

    /// All of them but those at these places, which are given once each, and others in their stead.
    pub(in crate::audit) fn told(
        &self,
        without: &[(&str, &str)],
        others: Vec<Change<'a>>,
    ) -> Told<'a> {
        let gone = without.iter().filter_map(|place| self.at(*place));
        let (mut count, mut harms) = (self.all.len(), self.harms.len());
        for gone in gone {
            count = count.saturating_sub(1);
            harms = harms.saturating_sub(usize::from(gone.is_harm()));
        }
        count += others.len();
        harms += others.iter().filter(|it| it.is_harm()).count();
        let is_kept = |it: &&Change<'a>| !without.contains(&it.place());
        if harms > 0 {
            let harmful = self.harms.iter().filter_map(|index| self.all.get(*index));
            let own = harmful.filter(is_kept).take(NAMED).cloned();
            let named = first(own.chain(others.into_iter().filter(Change::is_harm)));
            let in_words = named.iter().map(Change::harm_in_words);
            let words = with_the_rest(in_words.collect(), harms);
            return Told::Harm { words, named };
        }
        if count == 0 {
            return Told::Nothing;
        }
        let own = self.all.iter().filter(is_kept).take(NAMED).cloned();
        let named = first(own.chain(others));
        Told::Changes(with_the_rest(
            named.iter().map(Change::in_words).collect(),
            count,
        ))
    }

    fn at(&self, place: (&str, &str)) -> Option<&Change<'a>> {
        let at = self.all.binary_search_by_key(&place, |it| it.place());
        self.all.get(at.ok()?)
    }
}

/// As many as are named.
fn first<'a>(changes: impl Iterator<Item = Change<'a>>) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = changes.collect();
    changes.sort_by_key(Change::place);
    changes.truncate(NAMED);
    changes
}

fn with_the_rest(named: Vec<String>, count: usize) -> String {
    let more = count.saturating_sub(named.len());
    let named = named.join(", ");
    if more == 0 {
        named
    } else {
        format!("{named} and {more} more")
    }
}
