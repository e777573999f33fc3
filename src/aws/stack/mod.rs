//! What stands around a run: its schedule and alarms, the rules and trails that bring changes, the key of its topic, the
//! concurrency of its function, and the places that findings go to.
//!
//! - In: a client, and names. Each is a harmless read, for the checkup alone.
//! - Out: plain data, or why it could not be read.
//! - Not known here: what of it is in order.

mod alarms;
mod destinations;
mod function;
mod key;
mod log;
mod rights;
mod rules;
mod schedule;
mod trails;

pub use alarms::{Alarm, AlarmState, alarms};
pub use destinations::{event_bus, security_hub};
pub use function::{
    Concurrency, Deployed, TEMPLATE, account_concurrency, deployed, reserved_concurrency,
};
pub use key::{key_policy, use_key};
pub use log::{Starts, starts};
pub use rights::{Decision, may};
pub use rules::{Rule, rules, rules_to};
pub use schedule::{Schedule, schedule};
pub use trails::{Trail, Writes, trails};
