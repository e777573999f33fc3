//! `gatewatch history`

use anyhow::{Context as _, anyhow};
use gatewatch::aws::client::{self, Connection};
use gatewatch::aws::store::{Memory as _, Store, StorePlace};
use gatewatch::ledger::{Book, Standing};
use gatewatch::render::{history_document, history_text, pretty};

use super::account::{identity, no_profile};
use super::args::{Format, HistoryArgs, Judging, ReportFormat, StandingArg};
use super::common::{CLEAN, Stop};
use super::output::{note, print};

/// Prints what the ledger remembers of the findings that were asked for.
pub(super) async fn run(args: HistoryArgs) -> Result<u8, Stop> {
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
    let books = books(&store, args.account.as_deref()).await?;
    let standings: Vec<Standing> = args.standing.into_iter().map(Standing::from).collect();
    let text = match args.format {
        Format::Table => history_text(&books, &standings),
        Format::Json => {
            let document = pretty(&history_document(&books, &standings));
            document.context("the ledger cannot be printed")?
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(CLEAN)
}

/// The books of an account, or of all accounts, as far as the report is shown with them. The report comes without them where
/// they cannot be read.
pub(super) async fn remembered(
    store: &Store,
    account: Option<&str>,
    judging: &Judging,
) -> Vec<Book> {
    if !judging.writes(ReportFormat::Html) {
        return Vec::new();
    }
    match books(store, account).await {
        Ok(books) => books,
        Err(Stop::Usage(why) | Stop::Incomplete(why)) => {
            note(format_args!(
                "the page comes without what the ledger remembers: {why:#}"
            ));
            Vec::new()
        }
    }
}

/// The books of an account, or of all accounts.
async fn books(store: &Store, account: Option<&str>) -> Result<Vec<Book>, Stop> {
    let begin = match account {
        Some(account) => format!("ledger/{account}/"),
        None => "ledger/".to_owned(),
    };
    let keys = store
        .keys(&begin)
        .await
        .map_err(|error| Stop::Incomplete(error.into()))?;
    if keys.is_empty() {
        return Err(Stop::Usage(anyhow!(
            "there is no ledger in {}: `gatewatch scan --state` makes one",
            store.address(&begin)
        )));
    }
    let mut books = Vec::new();
    for key in keys {
        books.extend(book(store, &key).await?);
    }
    Ok(books)
}

/// The book of a key. `None`: it was deleted after it was listed.
async fn book(store: &Store, key: &str) -> Result<Option<Book>, Stop> {
    let kept = store.read(key).await;
    let Some(kept) = kept.map_err(|error| Stop::Incomplete(error.into()))? else {
        return Ok(None);
    };
    let refused = || format!("the ledger {} cannot be used", store.address(key));
    let book = Book::read_any(|| kept.stored.reader()).with_context(refused)?;
    if book.key() != key {
        let moved = anyhow!(
            "it is the one that belongs to {}: was a file moved?",
            book.key()
        );
        return Err(Stop::Usage(moved.context(refused())));
    }
    Ok(Some(book))
}

impl From<StandingArg> for Standing {
    fn from(standing: StandingArg) -> Self {
        match standing {
            StandingArg::Open => Standing::Open,
            StandingArg::Exempt => Standing::Exempt,
            StandingArg::Accepted => Standing::Accepted,
            StandingArg::Became => Standing::Became,
            StandingArg::Gone => Standing::Gone,
            StandingArg::Resolved => Standing::Resolved,
        }
    }
}
