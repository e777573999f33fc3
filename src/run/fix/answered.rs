//! Whether the deployed URLs of the mended methods answer as the account now says.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::time::sleep;

use crate::audit::fix::{Begun, JournalMethod};
use crate::audit::probe::{MethodPlace, NotThere, Plan, Probed, Questions, plan};
use crate::aws::collect::Interrupt;
use crate::inventory::Inventory;
use crate::run::probe::{Asks, Pace, ask_all};

/// As often is asked, at most, where an answer disagrees: a deployment is served some seconds after the stage names it.
const ROUNDS: u32 = 4;

/// How long is waited before the second round; then twice as long each time.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// What the URLs of the mended methods are to be asked, by an inventory that was read after the fix. `asked`: which verbs,
/// parameters and signatures; the APIs and the stages are those of the fix.
///
/// # Errors
/// Where the inventory has no such API or stage, or no path has a parameter that was named.
pub fn to_be_asked(
    inventory: &Inventory,
    begun: &Begun,
    asked: Questions,
) -> Result<Plan, NotThere> {
    let methods = &begun.methods;
    let questions = Questions {
        apis: methods.iter().map(|it| it.api.clone()).collect(),
        stages: methods.iter().map(|it| it.stage.clone()).collect(),
        ..asked
    };
    let mut plan = plan(inventory, &questions)?;
    let is_mended = |place: &MethodPlace| methods.iter().any(|it| is_at(it, place));
    plan.requests.retain(|it| is_mended(&it.method));
    plan.left_out.retain(|it| is_mended(&it.method));
    Ok(plan)
}

fn is_at(method: &JournalMethod, place: &MethodPlace) -> bool {
    (&method.region, &method.api, &method.stage) == (&place.region, &place.api, &place.stage)
        && (&method.verb, &method.path) == (&place.verb, &place.path)
}

/// Asks, and asks again for some seconds where an answer disagrees. The last answers count.
pub async fn answered<A: Asks>(plan: Plan, asks: &A, pace: Pace) -> Probed {
    let (interrupt, counted) = (Interrupt::default(), AtomicUsize::new(0));
    let mut wait = FIRST_WAIT;
    let mut left = ROUNDS;
    loop {
        let probed = ask_all(plan.clone(), asks, pace, &interrupt, &counted).await;
        left -= 1;
        if left == 0 || probed.count("disagrees") == 0 {
            return probed;
        }
        sleep(wait).await;
        wait *= 2;
    }
}
