//! The evidence of a finding, which others may share.

use std::ops::Deref;
use std::sync::Arc;

use super::Evidence;

/// What was read that proves a finding, in order. Very many findings may have the same evidence: copies share it until
/// one of them is changed.
///
/// ```
/// use gatewatch::audit::finding::{Evidence, EvidenceList, Source};
///
/// let nobody = EvidenceList::from(Evidence::new(Source::Iam, "nobody is allowed"));
/// let mut other = nobody.clone();
/// other.edit().push(Evidence::new(Source::Api, "the API has no resource policy"));
/// assert_eq!((nobody.len(), other.len()), (1, 2));
/// assert_eq!(nobody[0], other[0]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EvidenceList(Arc<Vec<Evidence>>);

impl EvidenceList {
    /// To change it. Whoever shared it keeps what it was.
    pub fn edit(&mut self) -> &mut Vec<Evidence> {
        Arc::make_mut(&mut self.0)
    }

    /// Adds more evidence behind what there is.
    pub fn add(&mut self, evidence: impl IntoIterator<Item = Evidence>) {
        let mut evidence = evidence.into_iter().peekable();
        if evidence.peek().is_some() {
            let own = self.edit();
            // There may be very many lists: room for more is left in none.
            own.reserve_exact(evidence.size_hint().0);
            own.extend(evidence);
        }
    }

    /// Adds more behind what there is.
    #[must_use]
    pub fn also(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.add(evidence);
        self
    }
}

impl From<Evidence> for EvidenceList {
    fn from(evidence: Evidence) -> Self {
        EvidenceList(Arc::new(vec![evidence]))
    }
}

impl Deref for EvidenceList {
    type Target = [Evidence];

    fn deref(&self) -> &[Evidence] {
        &self.0
    }
}

impl<'l> IntoIterator for &'l EvidenceList {
    type Item = &'l Evidence;
    type IntoIter = std::slice::Iter<'l, Evidence>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
