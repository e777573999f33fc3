//! Whether the state can be written, and whether conditions on writes count: with an object of the checkup's own.

use jiff::Timestamp;

use super::facts::Probe;
use super::trouble::Trouble;
use crate::aws::store::{Kept, Memory, StoreError, Tag};

/// The probe. It lies where the role of the template may write, and is no ledger: these end in `.json`. The role may
/// delete nothing, so that the probe stays, and is written anew by each checkup.
pub(super) const KEY: &str = "ledger/doctor";

/// A tag that no text has.
const STALE: &str = "\"00000000000000000000000000000000\"";

/// Writes the probe, and tries two writes that must be refused. `was`: the probe as it was read before.
pub(super) async fn write<M: Memory>(
    memory: &M,
    was: Option<&Kept>,
    now: Timestamp,
) -> Result<Probe, Trouble> {
    // Two texts, of which neither is the one before: another state must have another tag.
    let text = |word: &str| format!("gatewatch doctor {word} this at {now}\n");
    let (text, never) = (text("wrote"), text("must not have written"));
    match memory.write(KEY, &text, was.map(|it| &it.tag)).await {
        Ok(_) => {}
        Err(StoreError::Conflict(_)) => return Ok(Probe::Busy),
        Err(error) => return Err(error.into()),
    }
    // As if there were none; and as if an older one were the last.
    let stale = was.map_or_else(|| Tag::new(STALE.to_owned()), |it| it.tag.clone());
    for was in [None, Some(&stale)] {
        match memory.write(KEY, &never, was).await {
            Err(StoreError::Conflict(_)) => {}
            Ok(_) => return Ok(Probe::Unconditional),
            Err(error) => return Err(error.into()),
        }
    }
    let kept = memory.read(KEY).await?;
    let same = kept.is_some_and(|it| it.text().is_ok_and(|it| it == text));
    Ok(if same { Probe::Sound } else { Probe::Different })
}

/// What a run keeps beside its ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder {
    /// How its keys begin.
    pub(super) name: &'static str,
    /// The key of its probe. No run takes it for anything: what it keeps ends in `.json`.
    key: &'static str,
    /// Whether a run reads there, too.
    is_read: bool,
}

const FOLDERS: [Folder; 4] = [
    Folder {
        name: "reports",
        key: "reports/doctor",
        is_read: false,
    },
    Folder {
        name: "inventory",
        key: "inventory/doctor",
        is_read: true,
    },
    Folder {
        name: "parts",
        key: "parts/doctor",
        is_read: true,
    },
    // Of a run over an organization alone.
    Folder {
        name: "organization",
        key: "organization/doctor",
        is_read: true,
    },
];

/// What a run keeps beside its ledger.
pub(super) fn folders(has_members: bool) -> &'static [Folder] {
    match FOLDERS.split_last() {
        Some((_, others)) if !has_members => others,
        _ => &FOLDERS,
    }
}

/// Writes a probe where there is none. Where there is one, that is refused for the probe alone, which proves the same: who may
/// not write there is told so.
pub(super) async fn folder<M: Memory>(memory: &M, folder: Folder) -> Result<(), Trouble> {
    match memory.write(folder.key, "gatewatch doctor\n", None).await {
        Ok(_) | Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    if folder.is_read {
        memory.read(folder.key).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::aws::store::{Content, text_of};

    /// A store of one text that keeps to no condition, or to those about what is not there alone.
    #[derive(Default)]
    struct Careless {
        text: Mutex<Option<String>>,
        minds_that_it_is_there: bool,
        forgets: bool,
    }

    impl Memory for Careless {
        async fn read(&self, _: &str) -> Result<Option<Kept>, StoreError> {
            let text = self.text.lock().unwrap().clone();
            let kept = text.filter(|_| !self.forgets);
            Ok(kept.map(|text| Kept::new(text.clone(), Tag::new(text))))
        }

        async fn write(
            &self,
            key: &str,
            content: &(impl Content + ?Sized),
            was: Option<&Tag>,
        ) -> Result<Tag, StoreError> {
            let mut kept = self.text.lock().unwrap();
            let is_refused = self.minds_that_it_is_there && was.is_none() && kept.is_some();
            if is_refused || self.forgets && kept.is_some() {
                return Err(StoreError::Conflict(key.to_owned()));
            }
            let text = text_of(content).unwrap();
            *kept = Some(text.clone());
            Ok(Tag::new(text))
        }

        async fn replace(&self, _: &str, _: &(impl Content + ?Sized)) -> Result<(), StoreError> {
            Ok(())
        }

        fn address(&self, key: &str) -> String {
            key.to_owned()
        }
    }

    async fn tried(store: &Careless) -> Probe {
        let now = "2026-06-15T06:00:00Z".parse().unwrap();
        let was = store.read(KEY).await.unwrap();
        write(store, was.as_ref(), now).await.unwrap()
    }

    #[tokio::test]
    async fn a_store_without_conditions_is_never_sound() {
        assert_eq!(tried(&Careless::default()).await, Probe::Unconditional);
        // Without a look at the second condition, this one would pass.
        let half = Careless {
            minds_that_it_is_there: true,
            ..Careless::default()
        };
        assert_eq!(tried(&half).await, Probe::Unconditional);
        let forgetful = Careless {
            forgets: true,
            ..Careless::default()
        };
        assert_eq!(tried(&forgetful).await, Probe::Different);
        // Another one wrote between the look and the write.
        assert_eq!(tried(&forgetful).await, Probe::Busy);
    }
}
