//! An interruption of a reading: whoever started it does not want to wait for its end.

use tokio::sync::watch::{Receiver, Sender, channel};

/// Tells a reading to end. Clones tell the same readings.
#[derive(Debug, Clone)]
pub struct Interrupt {
    raised: Sender<bool>,
    told: Receiver<bool>,
}

impl Default for Interrupt {
    fn default() -> Self {
        let (raised, told) = channel(false);
        Interrupt { raised, told }
    }
}

impl Interrupt {
    /// From now on nothing is begun, and what is under way is given up: it is *not read yet*.
    pub fn raise(&self) {
        self.raised.send_replace(true);
    }

    /// Whether the reading was told to end.
    pub fn is_raised(&self) -> bool {
        *self.told.borrow()
    }

    /// Does something to its end, or up to the interruption. `None`: that came first.
    pub async fn or<T>(&self, done: impl Future<Output = T>) -> Option<T> {
        let mut told = self.told.clone();
        tokio::select! {
            biased;
            // The sender is here, so that this does not end before it is told.
            _ = told.wait_for(|is_raised| *is_raised) => None,
            done = done => Some(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn what_is_under_way_is_given_up() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.or(ready(1)).await, Some(1));
        let told = interrupt.clone();
        let waits = tokio::spawn(async move { told.or(pending::<()>()).await });
        tokio::task::yield_now().await;
        interrupt.raise();
        assert_eq!(waits.await.unwrap(), None);
    }

    #[tokio::test]
    async fn nothing_is_begun_after_it() {
        let interrupt = Interrupt::default();
        interrupt.clone().raise();
        assert!(interrupt.is_raised());
        assert_eq!(interrupt.or(ready(1)).await, None);
    }
}
