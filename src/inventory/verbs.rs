//! The verbs of methods, and those of requests.

/// How a method that answers every verb is written.
pub const ANY: &str = "ANY";

/// The verb of the requests that browsers ask for permission with (CORS preflights).
pub const OPTIONS: &str = "OPTIONS";

/// The verbs that a method can have: those of a request, and `ANY`.
///
/// Source: [PutMethod](https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html).
pub const VERBS: [&str; 8] = [
    ANY, "DELETE", "GET", "HEAD", OPTIONS, "PATCH", "POST", "PUT",
];

/// The verbs of methods that change something, or may.
pub const WRITING_VERBS: [&str; 5] = [ANY, "DELETE", "PATCH", "POST", "PUT"];

/// Some of the verbs that a request can have: all of [`VERBS`] but `ANY`. A bit each, in the order of [`VERBS`].
///
/// ```
/// use gatewatch::inventory::Verbs;
///
/// let own = Verbs::one("GET").or(Verbs::one("POST"));
/// let left_to_any = Verbs::ALL.without(own);
/// let names: Vec<&str> = left_to_any.iter().collect();
/// assert_eq!(names, ["DELETE", "HEAD", "OPTIONS", "PATCH", "PUT"]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Verbs(u8);

impl Verbs {
    /// No verb.
    pub const NONE: Verbs = Verbs(0);

    /// Every verb of a request.
    pub const ALL: Verbs = Verbs(!1);

    /// This verb. `ANY` and a text that is no verb give none.
    pub fn one(verb: &str) -> Self {
        let place = VERBS.iter().position(|it| *it == verb);
        let bit = place.map_or(0, |place| 1 << place);
        Verbs(bit).and(Verbs::ALL)
    }

    /// These, and others.
    #[must_use]
    pub fn or(self, others: Verbs) -> Self {
        Verbs(self.0 | others.0)
    }

    /// Those of these that are among others.
    #[must_use]
    pub fn and(self, others: Verbs) -> Self {
        Verbs(self.0 & others.0)
    }

    /// These without others.
    #[must_use]
    pub fn without(self, others: Verbs) -> Self {
        Verbs(self.0 & !others.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self == Verbs::NONE
    }

    /// Each, in the order of the alphabet.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        let all = VERBS.into_iter().enumerate();
        all.filter(move |(place, _)| self.0 & (1 << place) != 0)
            .map(|(_, verb)| verb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_told_apart() {
        let some = Verbs::one("GET").or(Verbs::one("PUT"));
        assert_eq!(some.iter().collect::<Vec<_>>(), ["GET", "PUT"]);
        let others: Vec<&str> = Verbs::ALL.without(some).iter().collect();
        assert_eq!(others, ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST"]);
        assert_eq!(some.and(Verbs::one("GET")), Verbs::one("GET"));
        assert!(Verbs::one(ANY).or(Verbs::one("get")).is_empty());
    }
}
