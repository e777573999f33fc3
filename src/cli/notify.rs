//! `gatewatch notify --test`

use anyhow::anyhow;
use gatewatch::aws::client::{self, Clients, Connection};
use gatewatch::aws::deliver::{self, TopicArn};
use gatewatch::render::{test_chat_notice, test_notice};
use gatewatch::run::Announced;

use super::account::{identity, no_profile};
use super::args::NotifyArgs;
use super::common::{CLEAN, Stop, now};
use super::output::note;

pub(super) async fn run(args: NotifyArgs) -> Result<u8, Stop> {
    let connection = Connection {
        profile: args.profile.clone(),
        region: Some(args.publish.region().to_owned()),
    };
    let clients = client::connect(connection).await.map_err(no_profile)?;
    let account = identity(&clients, args.profile.as_deref()).await?.account;
    let at = now();
    let mut sent = vec![(args.publish, test_notice(&account, at))];
    sent.extend(
        args.chat_topic
            .map(|it| (it, test_chat_notice(&account, at))),
    );
    for (topic, notice) in sent {
        let id = deliver::publish(&clients, &topic, &notice)
            .await
            .map_err(|error| Stop::Incomplete(anyhow!(error)))?;
        note(format_args!("{topic} took the test as message {id}"));
        note_audience(&clients, &topic).await;
    }
    Ok(CLEAN)
}

/// Says so where nobody gets what is published to a topic.
pub(super) async fn note_audience(clients: &Clients, topic: &TopicArn) {
    let audience = deliver::audience(clients, topic).await;
    if let Some(warning) = audience.warning() {
        note(format_args!("warning: {warning}"));
    }
}

/// Says what was announced, and what was not.
pub(super) fn note_announced(topic: &TopicArn, announced: &Announced) {
    let (changes, untold) = (announced.changes, announced.untold);
    if !announced.audience.counts() {
        note(format_args!(
            "sent to {topic}, and not announced: {untold} change(s)"
        ));
    } else if announced.occasions.is_empty() {
        note(format_args!("nothing new: nothing was sent to {topic}"));
    } else {
        let why = announced.occasions.join(", ");
        note(format_args!(
            "announced to {topic}: {changes} change(s) ({why})"
        ));
        if untold > 0 {
            note(format_args!(
                "{untold} change(s) are left to the next run: they did not fit into the messages of this one"
            ));
        }
    }
    for owner in &announced.owners {
        let (topic, changes, untold) = (&owner.topic, owner.changes, owner.untold);
        note(format_args!(
            "told the owner at {topic}: {changes} change(s); {untold} are left to the next run"
        ));
    }
    for warning in announced.warnings() {
        note(format_args!("warning: {warning}"));
    }
}

/// Fails where the topic of an owner did not take everything: it was announced, but not everywhere.
pub(super) fn everywhere(announced: &Announced) -> Result<(), Stop> {
    let troubles = announced.troubles();
    if troubles.is_empty() {
        return Ok(());
    }
    let troubles = troubles.join("; ");
    Err(Stop::Incomplete(anyhow!(
        "announced, but not everywhere; the next run sends it again: {troubles}"
    )))
}
