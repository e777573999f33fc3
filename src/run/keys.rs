//! Where what a run keeps besides the ledger stands in the store.

/// Where the whole report of the latest run over everything is kept.
pub(super) fn report_key(account: &str) -> String {
    format!("reports/{account}/latest.json")
}

/// Where the same report is kept as a page for a browser.
pub(super) fn page_key(account: &str) -> String {
    format!("reports/{account}/latest.html")
}

/// Where the page of the latest run over an organization is kept. No account is called so.
pub(super) const ORGANIZATION_PAGE: &str = "reports/organization/latest.html";

/// Where the inventory of the latest run over everything is kept.
pub fn inventory_key(account: &str) -> String {
    format!("inventory/{account}.json")
}

/// Where the inventory of an unfinished scan is kept.
pub(super) fn part_key(account: &str) -> String {
    format!("parts/{account}.json")
}
