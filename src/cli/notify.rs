//! `gatewatch notify --test`

use anyhow::anyhow;
use gatewatch::announce::{test_chat_notice, test_notice};
use gatewatch::collect::{self, Connection};
use gatewatch::deliver;

use super::account::no_account;
use super::args::Notify;
use super::output::note;
use super::{CLEAN, Stop, now};

pub(super) async fn run(args: Notify) -> Result<u8, Stop> {
    let clients = collect::connect(Connection {
        profile: args.profile,
        region: Some(args.publish.region().to_owned()),
    })
    .await;
    let account = clients.identity().await.map_err(no_account)?.account;
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
