//! `gatewatch notify --test`

use anyhow::anyhow;
use gatewatch::announce::{test_chat_notice, test_notice};
use gatewatch::collect::{self, Connection};
use gatewatch::deliver;

use super::account::{identity, no_profile};
use super::args::Notify;
use super::output::note;
use super::{CLEAN, Stop, now};

pub(super) async fn run(args: Notify) -> Result<u8, Stop> {
    let connection = Connection {
        profile: args.profile.clone(),
        region: Some(args.publish.region().to_owned()),
    };
    let clients = collect::connect(connection).await.map_err(no_profile)?;
    let account = identity(&clients, args.profile.as_deref()).await?.account;
    let at = now();
    let mut sent = vec![(args.publish, test_notice(&account, at))];
    sent.extend(
        args.chat_topic
            .map(|it| (it, test_chat_notice(&account, at))),
    );
    for (topic, notice) in sent {
        let id = deliver::publish(&clients, &topic, &notice).await;
        let id = id.map_err(|error| Stop::Incomplete(anyhow!(error)))?;
        note(format_args!("{topic} took the test as message {id}"));
    }
    Ok(CLEAN)
}
