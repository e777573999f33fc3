//! `gatewatch history`

use anyhow::{Context as _, anyhow};
use gatewatch::aws::client::{self, Connection};
use gatewatch::aws::store::{Memory as _, Store, StorePlace};
use gatewatch::ledger::{Book, Standing};
use gatewatch::render::{history_document, history_text};

use super::account::{identity, no_profile};
use super::args::{Format, History, StandingArg};
use super::common::{CLEAN, Stop};
use super::output::print;

pub(super) async fn run(args: History) -> Result<u8, Stop> {
    let connection = Connection {
        profile: args.profile.clone(),
        region: None,
    };
    let clients = client::connect(connection).await.map_err(no_profile)?;
    // A folder needs no credentials.
    if let StorePlace::S3 { .. } = args.state {
        identity(&clients, args.profile.as_deref()).await?;
    }
    let store = Store::open(args.state, &clients);
    let begin = match &args.account {
        Some(account) => format!("ledger/{account}/"),
        None => "ledger/".to_owned(),
    };
    let keys = store.keys(&begin).await;
    let keys = keys.map_err(|error| Stop::Incomplete(error.into()))?;
    if keys.is_empty() {
        return Err(Stop::Usage(anyhow!(
            "there is no ledger in {}: `gatewatch scan --state` makes one",
            store.address(&begin)
        )));
    }
    let mut books = Vec::new();
    for key in keys {
        let address = store.address(&key);
        let kept = store.read(&key).await;
        let kept = kept.map_err(|error| Stop::Incomplete(error.into()))?;
        // Deleted since it was listed.
        let Some(kept) = kept else {
            continue;
        };
        let refused = || format!("the ledger {address} cannot be used");
        let book = Book::any_from_json(&kept.text).with_context(refused)?;
        if book.key() != key {
            let of = anyhow!(
                "it is the one that belongs to {}: was a file moved?",
                book.key()
            );
            return Err(Stop::Usage(of.context(refused())));
        }
        books.push(book);
    }
    let standings = args.standing.iter().map(|it| match it {
        StandingArg::Open => Standing::Open,
        StandingArg::Exempt => Standing::Exempt,
        StandingArg::Accepted => Standing::Accepted,
        StandingArg::Became => Standing::Became,
        StandingArg::Resolved => Standing::Resolved,
    });
    let standings: Vec<Standing> = standings.collect();
    let text = match args.format {
        Format::Table => history_text(&books, &standings),
        Format::Json => {
            let document = serde_json::to_string_pretty(&history_document(&books, &standings));
            document.context("the ledger cannot be printed")? + "\n"
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}
