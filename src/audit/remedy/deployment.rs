//! What one deployment changes that a plan makes for several methods at once.

use crate::audit::remedy::changes::Told;
use crate::audit::remedy::draft_changes::DraftChanges;

impl<'a> DraftChanges<'a> {
    /// What a deployment of the stage changes besides the methods `about`, after the methods `set` of the draft were set to
    /// AWS_IAM. Both are pairs of path and verb.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(in crate::audit) fn besides_all(
        &self,
        set: &[(&str, &str)],
        about: &[(&str, &str)],
    ) -> Result<Told<'a>, &'static str> {
        if let Some(why) = self.unknown {
            return Err(why);
        }
        let indices = set.iter().filter_map(|key| self.answered.get(key));
        let answered = indices.flatten().filter_map(|at| self.methods.get(*at));
        let mut judged_anew: Vec<(&str, &str)> = about.to_vec();
        let mut changes = Vec::new();
        for method in answered {
            let place = method.place();
            judged_anew.push(place);
            changes.extend(match about.contains(&place) {
                true => method.own(true),
                false => method.deployed_as_iam(),
            });
        }
        let is_set = |place: &(&str, &str)| {
            let method = self.served(*place);
            let key = method.and_then(|it| it.draft_key());
            key.is_some_and(|key| set.contains(&key))
        };
        let waiting = about.iter().filter(|it| !is_set(it));
        changes.extend(waiting.filter_map(|place| self.served(*place)?.own(false)));
        judged_anew.sort_unstable();
        judged_anew.dedup();
        Ok(self.changes.told(&judged_anew, changes))
    }
}
