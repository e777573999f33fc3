//! Keeps what is written beside another memory, which stays as it is: to see what would come of a run.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::content::{Content, text_of};
use super::fault::{Fault, StoreError};
use super::memory::{Kept, Memory, ObjectPlace, Tag};

/// A memory over another one: what is written is kept here, and forgotten with it.
#[derive(Debug)]
pub struct Overlay<M> {
    below: M,
    written: Mutex<BTreeMap<String, String>>,
}

impl<M> Overlay<M> {
    /// Over this memory.
    pub fn new(below: M) -> Self {
        Overlay {
            below,
            written: Mutex::default(),
        }
    }

    fn written(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Memory> Overlay<M> {
    fn text_of(&self, key: &str, content: &(impl Content + ?Sized)) -> Result<String, StoreError> {
        text_of(content).map_err(|error| Fault::from(error).at("written", self.below.address(key)))
    }
}

impl<M: Memory> Memory for Overlay<M> {
    async fn read(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        let own = self.written().get(key).cloned();
        match own {
            Some(text) => {
                let tag = Tag::new(text.clone());
                Ok(Some(Kept::new(text, tag)))
            }
            None => self.below.read(key).await,
        }
    }

    async fn write(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
        was: Option<&Tag>,
    ) -> Result<Tag, StoreError> {
        let now = self.read(key).await?.map(|it| it.tag);
        if now.as_ref() != was {
            return Err(StoreError::Conflict(self.address(key)));
        }
        let text = self.text_of(key, content)?;
        self.written().insert(key.to_owned(), text.clone());
        Ok(Tag::new(text))
    }

    async fn replace(
        &self,
        key: &str,
        content: &(impl Content + ?Sized),
    ) -> Result<(), StoreError> {
        let text = self.text_of(key, content)?;
        self.written().insert(key.to_owned(), text);
        Ok(())
    }

    fn address(&self, key: &str) -> String {
        self.below.address(key)
    }

    fn object(&self, key: &str) -> Option<ObjectPlace> {
        self.below.object(key)
    }
}
