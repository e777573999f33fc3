//! `dangling-grant`

use std::collections::BTreeSet;

use crate::audit::access::{Holder, PolicySource};
use crate::audit::context::{AccessView, Context};
use crate::audit::finding::{self, Evidence, Remedy, RuleId, Severity, Violation};
use crate::audit::remedy::commands;
use crate::audit::rules::{Look, Rule, Subject, Violations, documented, holders};
use crate::iam::named_api;
use crate::inventory::{GapKind, all_quoted, quoted};

documented! {
    /// # `dangling-grant`
    ///
    /// Fires when a grant names an API by its id, in a Region that was read as a whole, and there is no such API.
    ///
    /// ## Severity
    /// medium
    ///
    /// ## Why this is bad
    /// Either the API is gone and the grant was forgotten: if an API ever gets that id, its callers are decided
    /// already. Or, more often, the id is a typing mistake, and the group cannot call what it should.
    ///
    /// ## What it looks at
    /// The resource patterns of Allow statements that name this account (or any), a Region and a whole API id. Only
    /// where every API of the Region was listed.
    ///
    /// ## Examples
    /// Both are the policy of a group; the account has one API, `a1b2c3d4e5`.
    ///
    /// ### Bad
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Action": "execute-api:Invoke",
    ///   "Resource": [
    ///     "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets",
    ///     "arn:aws:execute-api:eu-west-1:111122223333:z9y8x7w6v5/prod/GET/pets"
    ///   ]
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {
    ///   "Effect": "Allow",
    ///   "Action": "execute-api:Invoke",
    ///   "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets"
    /// }
    /// ```
    ///
    /// ## How to fix
    /// Take the ARN out of the policy, or correct the id.
    ///
    /// ## Exemption
    ///
    /// ```yaml
    /// exemptions:
    ///   - rule: dangling-grant
    ///     principal: readers
    ///     severity: medium
    ///     reason: the API is restored from its export, with the same policy, this quarter
    ///     owner: iam-team@example.com
    ///     expires: 2027-03-31
    /// ```
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
    pub struct DanglingGrant;
}

impl Rule for DanglingGrant {
    fn id(&self) -> RuleId {
        RuleId::DanglingGrant
    }

    fn summary(&self) -> &'static str {
        "a grant names an API that does not exist: whoever gets its id inherits the grant"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Principals]
    }

    fn subject(&self) -> Subject {
        Subject::Principals
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let inventory = context.inventory;
        let Some(access) = context.access else {
            return Violations::none();
        };
        // A file does not say which other APIs there are.
        if !inventory.scope.apis.is_empty() || inventory.scope.template.is_some() {
            return Violations::none();
        }
        let unread = |region: &str| {
            let mut gaps = context.gaps.iter();
            gaps.any(|gap| gap.kind == GapKind::Region && gap.region.as_deref() == Some(region))
        };
        let read: BTreeSet<&str> = inventory.scope.regions.iter().map(String::as_str).collect();
        let dangles = move |pattern: &str| {
            named_api(pattern).is_some_and(|(region, account, id)| {
                let mut apis = inventory.apis.iter();
                read.contains(region)
                    && !unread(region)
                    && (account == inventory.account || account == "*")
                    && !apis.any(|it| it.region == region && it.id == id)
            })
        };
        let holders = access.estate.holders().iter();
        Violations::of(
            holders.filter_map(move |holder| violation(context, access, holder, &dangles)),
        )
    }
}

fn violation(
    context: Context<'_>,
    access: &AccessView<'_>,
    holder: &Holder,
    dangles: &dyn Fn(&str) -> bool,
) -> Option<Violation> {
    let mut found: Vec<(&PolicySource, &str)> = Vec::new();
    for (source, _, statement) in access.own_grants(holder) {
        let resources = statement.resources.iter().filter(|it| !it.negated);
        let patterns = resources.flat_map(|it| &it.patterns);
        found.extend(
            patterns
                .filter(|it| dangles(it))
                .map(|it| (source, it.as_str())),
        );
    }
    let unique: BTreeSet<&str> = found
        .iter()
        .filter_map(|(_, pattern)| Some(named_api(pattern)?.2))
        .collect();
    let ids: Vec<&str> = unique.into_iter().collect();
    let mut evidence = found.iter().map(|(source, pattern)| {
        let says = format!("{} names {}", source.in_words(holder), quoted(pattern));
        Evidence::new(finding::Source::Iam, says).with_reference(&holder.arn)
    });
    let remedy =
        Remedy::new("take the statement out of the policy, or put the right API's id there")
            .with_references([commands::PERMISSIONS]);
    let violation = Violation::new(
        Severity::Medium,
        holders::place(context, holder),
        format!(
            "a grant names an API that does not exist: {}",
            all_quoted(ids)
        ),
        evidence.next()?,
        remedy,
    );
    let patterns = found.iter().map(|(_, pattern)| (*pattern).to_owned());
    Some(violation.also(evidence).reaching(patterns))
}
