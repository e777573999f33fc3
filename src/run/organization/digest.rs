//! The last step of a run over an organization: one digest about all accounts.
//!
//! It opens the ledgers only of those accounts that have something to announce, a few at once, and keeps no more of
//! all accounts than fits into some messages.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::super::announce::{Announced, occasions};
use super::super::kept::kept;
use super::super::keys::{ORGANIZATION_PAGE, inventory_key, page_key, part_key};
use super::super::ledger::{Ledger, LedgerError};
use super::super::observer::Step;
use super::super::page::page_link;
use super::announcer::Announcer;
use super::note::Note;
use super::{AT_ONCE, OrganizationError, lost, unusable};
use crate::audit::Report;
use crate::aws::deliver::OrganizationOutlet;
use crate::aws::store::{Memory, StoreError};
use crate::inventory::{Reason, Scope};
use crate::ledger::MESSAGES;
use crate::ledger::organization::{Member, NotRead, Result as Became, Roll};
use crate::render::{OrganizationDigest, Part, Parts, write_organization_html};

/// How many accounts are judged at once: what was read of one may be large.
pub const JUDGED_AT_ONCE: u32 = 4;

/// What one account has to announce.
enum Due {
    Nothing,
    Part(Box<Part>, Note),
    /// The account was read, and what is kept of it cannot be used.
    Lost(NotRead),
}

/// What became of all accounts, and what there is to announce of them.
#[derive(Default)]
struct Gathered {
    accounts: Vec<(Member, Became)>,
    parts: Parts,
    notes: Vec<Note>,
}

/// The ids of what messages named, by account.
type Named = BTreeMap<String, BTreeSet<String>>;

impl<M: Memory, O: OrganizationOutlet> Announcer<'_, M, O> {
    /// Sends the digest about all accounts, and notes in their ledgers what the messages named. The digest comes back
    /// as it was before the first message: it tells what there was to announce. `None`: there was nothing.
    ///
    /// # Errors
    /// [`OrganizationError`]. What no message named does not count as announced. If a ledger could not be written
    /// afterwards, the next run may announce the account's changes again.
    pub async fn announce(
        &self,
        roll: &Roll,
        accounts: Vec<(Member, Became)>,
    ) -> Result<(Option<OrganizationDigest>, Announced), OrganizationError<O::Error>> {
        let owed = accounts.iter().filter_map(|(member, became)| match became {
            Became::Read(read) if read.owed => Some((member.account.clone(), read.taken_at)),
            _ => None,
        });
        let owed: Vec<_> = owed.collect();
        let announced = self.announce_all(roll, accounts).await;
        let owners = self.tell_owners(owed).await;
        // What is wrong with the digest is worse.
        let (digest, announced) = announced?;
        let owners = owners?;
        Ok((
            digest,
            Announced {
                owners,
                ..announced
            },
        ))
    }

    /// Sends the digest about all accounts.
    async fn announce_all(
        &self,
        roll: &Roll,
        accounts: Vec<(Member, Became)>,
    ) -> Result<(Option<OrganizationDigest>, Announced), OrganizationError<O::Error>> {
        let Gathered {
            accounts,
            parts,
            notes,
        } = self.gather(accounts).await;
        let mut digest = OrganizationDigest::of(&roll.run, roll.begun_at, accounts, parts);
        self.observer.begins(Step::Keep);
        // A failure to keep the page does not keep the digest from being sent.
        let kept = self.keep_page(&digest).await;
        if kept.is_ok() {
            digest.page = page_link(self.memory, ORGANIZATION_PAGE);
        }
        self.observer.begins(Step::Announce);
        if digest.occasions.is_empty() {
            kept?;
            return Ok((None, Announced::default()));
        }
        let (digest, announced) = self.tell(roll, digest, notes).await?;
        kept?;
        Ok((Some(digest), announced))
    }

    /// Keeps the page of the organization.
    async fn keep_page(&self, digest: &OrganizationDigest) -> Result<(), StoreError> {
        let page = |account: &str| page_link(self.memory, &page_key(account));
        let text = |out: &mut dyn io::Write| write_organization_html(digest, page, out);
        self.memory.replace(ORGANIZATION_PAGE, &text).await
    }

    /// Sends a digest that is due, and notes what was sent.
    async fn tell(
        &self,
        roll: &Roll,
        mut digest: OrganizationDigest,
        notes: Vec<Note>,
    ) -> Result<(OrganizationDigest, Announced), OrganizationError<O::Error>> {
        let kept = format!("organization/{}/", roll.run);
        digest.whereabouts = Some(self.memory.address(&kept));
        // The run asks before it sends anything: a subscription that is confirmed later does not get the messages.
        let audience = self.outlet.audience().await;
        let counts = audience.counts();
        let (named, failed) = self.send(&mut digest, counts).await;
        let failed = match failed {
            Some(error) if digest.messages == 0 => return Err(OrganizationError::NotSent(error)),
            other => other,
        };
        let nothing = BTreeSet::new();
        let notes = notes.into_iter().map(|it| {
            let named = named.get(&it.account).unwrap_or(&nothing);
            self.note(it, named, counts)
        });
        // A ledger that cannot be written keeps no other from being written.
        let writes = futures_util::stream::iter(notes).buffer_unordered(AT_ONCE);
        let results = writes.collect::<Vec<_>>().await;
        let noted = results.into_iter().collect::<Result<Vec<_>, _>>()?;
        if let Some(error) = failed {
            return Err(OrganizationError::NotSent(error));
        }
        let announced = Announced {
            occasions: occasions(&digest.occasions, counts),
            changes: noted.iter().map(|it| it.told).sum(),
            untold: noted.iter().map(|it| it.untold).sum(),
            audience,
            waiting_since: noted.iter().filter_map(|it| it.waiting_since).min(),
            owners: Vec::new(),
        };
        (digest.named, digest.messages) = (0, 0);
        Ok((digest, announced))
    }

    /// Judges the accounts that have something to announce. Each is added as soon as it is judged, so that of
    /// thousands of accounts no more is kept than the messages show.
    async fn gather(&self, accounts: Vec<(Member, Became)>) -> Gathered {
        let all = accounts.into_iter().map(async |(member, became)| {
            let due = match &became {
                Became::Read(read) if read.due => self.due(&member, read.taken_at).await,
                _ => Due::Nothing,
            };
            (member, became, due)
        });
        let mut all =
            futures_util::stream::iter(all).buffered(usize::try_from(JUDGED_AT_ONCE).unwrap_or(1));
        let mut gathered = Gathered::default();
        while let Some((member, mut became, due)) = all.next().await {
            match due {
                Due::Nothing => {}
                Due::Part(part, note) => {
                    gathered.parts.add(*part);
                    gathered.notes.push(note);
                }
                Due::Lost(why) => became = Became::NotRead(why),
            }
            gathered.accounts.push((member, became));
        }
        gathered
    }

    async fn due(&self, member: &Member, taken_at: Timestamp) -> Due {
        let account = &member.account;
        let report = match self.kept_report(account, taken_at).await {
            Ok(Some(report)) => report,
            Ok(None) => {
                return Due::Lost(NotRead {
                    reason: Reason::NotFound,
                    message: "it was read, and what was read is not kept".to_owned(),
                });
            }
            Err(error) => return Due::Lost(lost(&error)),
        };
        // The ledger of one account does not keep the others from being announced.
        let ledger = match self.opened(account, &report.scope).await {
            Ok(ledger) => ledger,
            Err(cause) => return Due::Lost(unusable(&cause)),
        };
        let Some(digest) = ledger.due(ledger.books(), &report, self.settings, self.now) else {
            return Due::Nothing;
        };
        let note = Note {
            account: account.clone(),
            taken_at,
            scope: report.scope.clone(),
            told: digest.told(usize::MAX, self.now),
            waiting_since: ledger.waiting_since(),
        };
        Due::Part(Box::new(Part::of(&digest, usize::MAX)), note)
    }

    /// Sends the messages of a digest. Returns what they named, and why one could not be sent, if one could not.
    async fn send(
        &self,
        digest: &mut OrganizationDigest,
        counts: bool,
    ) -> (Named, Option<O::Error>) {
        let mut named = Named::new();
        loop {
            let count = match self.outlet.send_all(digest).await {
                Ok(count) => count,
                Err(error) => return (named, Some(error)),
            };
            for (account, id) in digest.next(count).filter(|_| counts) {
                let ids = named.entry(account.to_owned()).or_default();
                ids.insert(id.to_owned());
            }
            digest.advance(count);
            let is_over = count == 0 || !digest.has_rest() || digest.messages >= MESSAGES;
            if is_over || !counts {
                return (named, None);
            }
        }
    }

    /// Opens the ledger of an account, whose whole report is kept.
    pub(super) async fn opened(
        &self,
        account: &str,
        scope: &Scope,
    ) -> Result<Ledger<'_, M>, LedgerError> {
        self.observer.begins(Step::Open);
        let mut ledger = Ledger::open(self.memory, account, scope).await?;
        (ledger.keeps, ledger.has_page) = (true, true);
        Ok(ledger.watched_by(self.observer))
    }

    /// The report of what was read of an account then, or later, from the whole inventory or from that of an
    /// unfinished scan. `None`: neither is kept.
    pub(super) async fn kept_report(
        &self,
        account: &str,
        taken_at: Timestamp,
    ) -> Result<Option<Report>, StoreError> {
        for key in [inventory_key(account), part_key(account)] {
            let inventory = kept(self.memory, &key, account).await?;
            if let Some(inventory) = inventory.filter(|it| it.taken_at >= taken_at) {
                return Ok(Some((self.judge)(&inventory)));
            }
        }
        Ok(None)
    }
}
