//! From a report to those who must know.

mod sns;

pub use sns::{DeliveryError, TopicArn, publish};
