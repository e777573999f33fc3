//! Whether a resource pattern, taken by itself, takes in a request of a method.

use super::automaton::Ready;
use super::budget::BUDGET;
use super::cover::Cover;
use super::parts::{Left, Parts};
use super::template::Template;
use crate::iam::condition::variable::wildcards;

impl Template {
    /// Whether a pattern of a Resource element takes in any of these requests. It is *no* only where that is certain: a
    /// pattern with a variable, or one that takes more work than the bound allows, may take in whatever there is.
    ///
    /// ```
    /// use gatewatch::iam::Template;
    ///
    /// let head = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod";
    /// let pet = Template::read(&format!("{head}/GET/pets/{{petId}}")).unwrap();
    /// assert!(pet.may_meet(&format!("{head}/GET/*")));
    /// assert!(pet.may_meet(&format!("{head}/*/pets/1?")));
    /// assert!(!pet.may_meet(&format!("{head}/GET/pets")));
    /// ```
    pub fn may_meet(&self, pattern: &str) -> bool {
        if pattern.contains("${") {
            return true;
        }
        let parts = Parts::new(wildcards(pattern).collect());
        match parts.left(&self.head) {
            Left::Nothing => false,
            Left::Everything => true,
            Left::Last(tokens) => {
                let ready = Ready::new(tokens);
                let cover = |verb| ready.cover(verb, &mut BUDGET.clone());
                let mut verbs = self.verbs.iter();
                verbs.any(|verb| cover(verb) != Ok(Cover::None))
            }
        }
    }
}
