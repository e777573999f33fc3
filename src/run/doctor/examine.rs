//! Asks for the facts of a checkup.

use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::asked::{Asked, PolicySource};
use super::facts::{
    AccountFacts, Admitted, Facts, FolderFacts, Found, LastScan, LedgerTrouble, MemberFacts,
    PolicyFacts, RegionFacts, StateFacts,
};
use super::probe::Folder;
use super::trouble::Trouble;
use super::{probe, steps, surroundings};
use crate::aws::client::{Clients, Identity, MemberRole};
use crate::aws::collect::{Trial, listed_regions, try_principals, try_region};
use crate::aws::store::{Memory as _, ObjectError, Store, StorePlace, object};
use crate::inventory::{Scope, regions_by_default};
use crate::policy_file::PolicyFile;
use crate::render::Checkup;
use crate::run::kept::earlier;
use crate::run::ledger::{Ledger, LedgerError};
use crate::run::organization::{Accounts, NoMembers, members};
use crate::run::scan;
use crate::run::watched::{Regions, Watched};

/// Regions, and accounts, that are tried at once.
const AT_ONCE: usize = 32;

/// Looks at everything that is asked for, and judges it. It reads, but for the probes in the state, and sends nothing.
pub async fn examine(asked: Asked<'_>) -> Checkup {
    let identity = asked.clients.identity().await;
    let known = identity.as_ref().ok();
    let account = match known {
        Some(identity) => Some(account(asked.clients, identity, asked.watched).await),
        None => None,
    };
    let policy = policy(asked.clients, asked.policy, known.is_some(), asked.now).await;
    let has_stack = asked.stack.is_some();
    // The alarms of the stack publish to the topic of the digests.
    let all = [
        asked.topic.map(|it| (it, false, has_stack)),
        asked.chat.map(|it| (it, true, false)),
    ];
    let owners = policy
        .owners()
        .into_iter()
        .map(|(it, is_chat)| (it, is_chat, false));
    let mut topics = Vec::new();
    for (topic, is_chat, has_alarms) in all.into_iter().flatten().chain(owners) {
        let facts = surroundings::topic(asked.clients, known, topic, is_chat, has_alarms);
        topics.push(facts.await);
    }
    let own = asked.front.function();
    let stack = match asked.stack {
        Some(name) => Some(surroundings::stack(asked.clients, known, name, own).await),
        None => None,
    };
    let has_members = asked.members.is_some();
    let members = match asked.members {
        Some((accounts, role)) => Some(admitted(asked.clients, known, &accounts, &role).await),
        None => None,
    };
    let tried = account.as_ref().map(|it| it.regions.tried.clone());
    let scope = Scope::new(tried.unwrap_or_default(), Vec::new());
    let state = match asked.state {
        Some(place) => {
            let folders = probe::folders(has_members);
            Some(state(asked.clients, place, known, scope, folders, asked.now).await)
        }
        None => None,
    };
    let facts = Facts {
        policy,
        now: asked.now,
        front: asked.front,
        destinations: surroundings::destinations(
            asked.clients,
            known,
            asked.destinations,
            asked.now,
        )
        .await,
        stack,
        region: asked.clients.region().unwrap_or_default().to_owned(),
        home: asked
            .clients
            .home()
            .or(asked.clients.region())
            .unwrap_or_default()
            .to_owned(),
        named: match &asked.watched.regions {
            Regions::Listed(named) => named.clone(),
            Regions::Enabled => Vec::new(),
        },
        account,
        state,
        max_age: asked.max_age,
        topics,
        members,
        identity,
    };
    steps::checkup(&facts)
}

async fn account(clients: &Clients, identity: &Identity, watched: &Watched) -> AccountFacts {
    let regions = regions(clients, identity, watched).await;
    let pace = watched.requests_per_second;
    let trials = regions.tried.iter().map(|it| try_region(clients, it, pace));
    let trials = futures_util::stream::iter(trials)
        .buffered(AT_ONCE)
        .collect::<Vec<Trial>>();
    let principals = try_principals(clients, &identity.partition);
    let (trials, principals) = futures_util::future::join(trials, principals).await;
    let mut trial = Trial::default();
    for part in trials {
        trial.add(part);
    }
    trial.add(principals);
    AccountFacts { regions, trial }
}

async fn regions(clients: &Clients, identity: &Identity, watched: &Watched) -> RegionFacts {
    let listed = listed_regions(clients, identity).await;
    let enabled = match &listed {
        Ok(listed) => listed.clone(),
        Err(_) => regions_by_default(&identity.partition),
    };
    let named = match &watched.regions {
        Regions::Listed(named) => named.clone(),
        Regions::Enabled => enabled.clone(),
    };
    let named = named
        .into_iter()
        .filter(|it| !watched.excluded.contains(it));
    // What is not known to be enabled is tried, unless AWS gave the list.
    let is_listed = listed.is_ok() && identity.partition == "aws";
    let is_open = |it: &String| !is_listed || enabled.contains(it);
    let (tried, disabled) = named.partition(is_open);
    RegionFacts {
        tried,
        disabled,
        all: watched.regions == Regions::Enabled,
        leaves_out: !watched.excluded.is_empty(),
        trouble: listed.err().map(Trouble::from),
    }
}

async fn policy(
    clients: &Clients,
    source: PolicySource,
    is_known: bool,
    now: Timestamp,
) -> PolicyFacts {
    let (from, text) = match source {
        PolicySource::Defaults => return PolicyFacts::Defaults,
        PolicySource::Text { from, text } => (from, text.map_err(|it| (it, false))),
        PolicySource::Object(from) if !is_known => return PolicyFacts::NotAsked { from },
        PolicySource::Object(from) => {
            let text = object(clients, &from).await;
            (from, text.map(|it| it.text).map_err(unread))
        }
    };
    let text = match text {
        Ok(text) => text,
        Err((trouble, is_missing)) => {
            return PolicyFacts::Unreadable {
                from,
                trouble,
                is_missing,
            };
        }
    };
    match PolicyFile::from_yaml_on(&from, &text, scan::day(now)) {
        Ok(policy) => PolicyFacts::Sound {
            from,
            requirements: policy.require.len(),
            groups: policy.groups.len(),
            exemptions: policy.exemptions.len(),
            owners: (policy.notify.iter())
                .map(|it| it.recipient.clone())
                .collect(),
        },
        Err(mistakes) => PolicyFacts::Mistaken {
            from,
            mistakes: mistakes.mistakes.len(),
            text: mistakes.to_string(),
        },
    }
}

/// Why an object was not read, and whether it is not there.
fn unread(error: ObjectError) -> (Trouble, bool) {
    let message = error.to_string();
    let (reason, is_missing) = match &error {
        ObjectError::Failed(error) => (error.reason(), false),
        ObjectError::Missing(_) => (None, true),
        ObjectError::Address(_) => (None, false),
    };
    (Trouble { reason, message }, is_missing)
}

async fn state(
    clients: &Clients,
    place: StorePlace,
    identity: Option<&Identity>,
    scope: Scope,
    folders: &'static [Folder],
    now: Timestamp,
) -> StateFacts {
    let mut kept = Vec::new();
    let found = match &place {
        StorePlace::Directory(path) if matches!(path.try_exists(), Ok(false)) => {
            Some(Found::NoDirectory)
        }
        StorePlace::S3 { .. } if identity.is_none() => None,
        _ => {
            let store = Store::open(place.clone(), clients);
            for folder in folders {
                kept.push(FolderFacts {
                    name: folder.name,
                    usable: probe::folder(&store, *folder).await,
                });
            }
            Some(tried(&store, identity, &scope, now).await)
        }
    };
    StateFacts {
        place,
        found,
        folders: kept,
    }
}

async fn tried(store: &Store, identity: Option<&Identity>, scope: &Scope, now: Timestamp) -> Found {
    let account = identity.map(|it| it.account.as_str());
    // A key that has nothing below it but what a checkup writes: the list of a bucket is asked for, not walked.
    let list = store.keys(probe::KEY).await;
    let read = store.read(probe::KEY).await;
    let write = match &read {
        Ok(kept) => Some(probe::write(store, kept.as_ref(), now).await),
        Err(_) => None,
    };
    let (ledger, scan) = match account {
        None => (None, None),
        Some(account) => (
            Some(ledger(store, account, scope, now).await),
            Some(last_scan(store, account, scope).await),
        ),
    };
    Found::Tried {
        list: list.map(drop).map_err(Trouble::from),
        read: read.map(drop).map_err(Trouble::from),
        write,
        ledger,
        scan,
    }
}

async fn ledger(
    store: &Store,
    account: &str,
    scope: &Scope,
    now: Timestamp,
) -> Result<(), LedgerTrouble> {
    let opened = Ledger::open(store, account, scope).await;
    let sound = opened.and_then(|it| it.check_clock(now));
    sound.map_err(|error| LedgerTrouble {
        is_damaged: !matches!(error, LedgerError::Store(_)),
        address: match &error {
            LedgerError::Unusable { address, .. } => Some(address.clone()),
            _ => None,
        },
        message: crate::aws::client::in_full(&error),
    })
}

async fn last_scan(
    store: &Store,
    account: &str,
    scope: &Scope,
) -> Result<Option<LastScan>, Trouble> {
    let inventory = earlier(store, account).await?;
    Ok(inventory.map(|it| {
        let is_read = |region: &&String| it.scope.regions.contains(region);
        let lacks = scope.regions.iter().filter(|region| !is_read(region));
        LastScan {
            at: it.taken_at,
            gaps: it.gaps().len(),
            lacks: lacks.cloned().collect(),
        }
    }))
}

async fn admitted(
    clients: &Clients,
    identity: Option<&Identity>,
    accounts: &Accounts,
    role: &MemberRole,
) -> MemberFacts {
    let found = match identity {
        None => None,
        Some(identity) => Some(let_in(clients, identity, accounts, role).await),
    };
    MemberFacts {
        asked: accounts.clone(),
        leaves_out_own: identity.is_some_and(|it| !accounts.has(&it.account)),
        role: role.name.clone(),
        has_external_id: role.external_id.is_some(),
        accounts: found,
    }
}

async fn let_in(
    clients: &Clients,
    identity: &Identity,
    accounts: &Accounts,
    role: &MemberRole,
) -> Result<Admitted, Trouble> {
    let listed = members(clients, accounts).await;
    let (members, inactive) = listed.map_err(|error| match error {
        NoMembers::NotListed(failure) => failure.into(),
        other => Trouble {
            reason: None,
            message: other.to_string(),
        },
    })?;
    let is_own = |account: &str| account == identity.account;
    let others = members.iter().filter(|it| !is_own(&it.account)).count();
    let has_own = others < members.len();
    let assumed = members.into_iter().map(async |member| {
        let assumed = clients.in_account(identity, &member.account, role).await;
        Some((member.account, assumed.err()?))
    });
    let refused = futures_util::stream::iter(assumed)
        .buffered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect::<Vec<_>>()
        .await;
    Ok(Admitted {
        assumed: others.saturating_sub(refused.len()),
        has_own,
        inactive: inactive.len(),
        refused,
    })
}
