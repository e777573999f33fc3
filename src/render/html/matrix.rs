//! Who can call what: the answers as letters, and why for as many of them as fit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bound::PageBound;
use crate::audit::access::{Decided, Estate, Holder, Reason};
use crate::iam::Verdict;
use crate::inventory::{Gap, Inventory};
use crate::render::access::{AccessReport, HolderAccess, MethodRow, Selection};

/// Who can call what in an account, as a page shows it, or why it does not. It is made where what was read is at hand: a page
/// of several accounts holds the answers of each, and not all that was read of all.
#[derive(Debug)]
pub struct PageAccess(pub(super) Result<Matrix, Missing>);

impl PageAccess {
    /// What an account's inventory tells.
    pub fn of(inventory: &Inventory, bound: PageBound) -> Self {
        PageAccess(matrix(inventory, bound))
    }
}

/// Why a page does not say who can call what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Missing {
    /// The page is made of the report alone.
    NotGiven,
    /// The IAM principals were not read, or a template has none.
    NoPrincipals,
    /// There are more answers than fit.
    TooMany,
}

/// Who can call what.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    holders: Vec<HolderJson>,
    apis: Vec<MatrixApi>,
    rows: Vec<Row>,
    /// Of how many methods something else than IAM decides, by authorization type.
    not_decided_by_iam: BTreeMap<String, usize>,
    /// What could not be read or decided.
    gaps: BTreeSet<Gap>,
}

#[derive(Debug, Serialize)]
struct HolderJson {
    kind: &'static str,
    name: String,
    /// Whether it is of another account, which must allow the call, too.
    outside: bool,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct MatrixApi {
    region: String,
    id: String,
    name: String,
}

/// A method, with an answer for each holder.
#[derive(Debug, Serialize)]
struct Row {
    /// The place of its API.
    api: usize,
    stage: String,
    method: String,
    /// Empty: not known.
    authorization: Vec<String>,
    /// A letter for each holder, in their order: `a` all, `s` some, `n` no request, `u` undecided; a capital where that
    /// depends on a condition.
    cells: String,
    /// Why, by the place of the holder.
    why: BTreeMap<usize, Why>,
}

/// Why a holder can call a method.
#[derive(Debug, Serialize)]
struct Why {
    /// A request that is allowed.
    allowed: Option<String>,
    /// A request that is not.
    denied: Option<String>,
    statements: Vec<String>,
    not_read: Vec<String>,
}

/// Who can call what, of the groups of an account and of callers of other accounts.
fn matrix(inventory: &Inventory, bound: PageBound) -> Result<Matrix, Missing> {
    let estate = Estate::new(inventory).ok_or(Missing::NoPrincipals)?;
    // Nothing is named that could be missing.
    let selection = Selection::default();
    let holders = selection.holders(&estate);
    let holders = holders.map_err(|_| Missing::NoPrincipals)?.len();
    if holders.saturating_mul(estate.methods().len()) > bound.answers {
        return Err(Missing::TooMany);
    }
    let report = AccessReport::new(inventory, &estate, &selection);
    let report = report.map_err(|_| Missing::NoPrincipals)?;
    let mut making = Making {
        estate: &estate,
        holders: &report.holders,
        apis: Vec::new(),
        reasons: bound.reasons,
    };
    let rows = report.rows.iter().map(|it| making.row(it)).collect();
    Ok(Matrix {
        holders: report.holders.iter().map(|it| holder(it)).collect(),
        rows,
        apis: making.apis,
        not_decided_by_iam: report.elsewhere,
        gaps: report.gaps,
    })
}

fn holder(holder: &Holder) -> HolderJson {
    HolderJson {
        kind: holder.kind.as_str(),
        name: holder.full_name(),
        outside: holder.kind.is_outside(),
    }
}

/// A matrix that is being made.
struct Making<'m, 'e> {
    estate: &'m Estate<'e>,
    holders: &'m [&'m Holder],
    apis: Vec<MatrixApi>,
    /// How many more answers say why: those of the first methods do.
    reasons: usize,
}

impl Making<'_, '_> {
    fn row(&mut self, row: &MethodRow<'_>) -> Row {
        let method = row.method;
        let api = MatrixApi {
            region: method.api.region.clone(),
            id: method.api.id.clone(),
            name: method.api.name.clone(),
        };
        // The methods stand in the order of the APIs.
        if self.apis.last() != Some(&api) {
            self.apis.push(api);
        }
        let mut callers = row.callers.iter().peekable();
        let (mut cells, mut why) = (String::new(), BTreeMap::new());
        for (place, holder) in self.holders.iter().enumerate() {
            // Those whose answer is NONE are left out among the callers, which stand in the order of the holders.
            let Some(caller) = callers.next_if(|it| it.holder.arn == holder.arn) else {
                cells.push('n');
                continue;
            };
            cells.push(letter(caller));
            why.extend(self.why(row, caller).map(|it| (place, it)));
        }
        let authorizations = method.authorizations.iter();
        Row {
            api: self.apis.len().saturating_sub(1),
            stage: method.stage.name.clone(),
            method: method.name(),
            authorization: authorizations.map(|it| it.as_str().to_owned()).collect(),
            cells,
            why,
        }
    }

    /// Why an answer is what it is. `None`: so many were given already.
    fn why(&mut self, row: &MethodRow<'_>, caller: &HolderAccess<'_>) -> Option<Why> {
        self.reasons = self.reasons.checked_sub(1)?;
        Some(Why::of(self.estate.decide(caller.holder, row.method)))
    }
}

impl Why {
    fn of(decided: Decided) -> Self {
        let statements = decided.reasons.iter().map(Reason::with_effect);
        Why {
            statements: statements.collect(),
            allowed: decided.access.allowed,
            denied: decided.access.denied,
            not_read: decided.unread,
        }
    }
}

fn letter(caller: &HolderAccess<'_>) -> char {
    let letter = match caller.cell.verdict {
        Verdict::All => 'a',
        Verdict::Some => 's',
        Verdict::None => 'n',
        Verdict::Undecided => 'u',
    };
    match caller.cell.conditional {
        true => letter.to_ascii_uppercase(),
        false => letter,
    }
}
