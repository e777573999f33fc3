//! The changes for chat applications: custom notifications of Amazon Q Developer in chat applications.
//!
//! Shape: [custom notifications](https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html).
//! What does not fit the shape is dropped there without a word. From which lengths on is open, and Slack
//! takes 3,000 characters in a block: everything here is kept short.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cut::cut;
use super::markup::{code, words};
use super::place::brief;
use super::text::{LISTED, UNREAD_ELSEWHERE};
use crate::audit::Status;
use crate::audit::finding::Text;
use crate::ledger::{Digest, News};
use crate::ledger::{Kind, Spot};
use crate::render::digest::words::in_words;
use crate::render::{compact, console, minute, plain, plural};

/// The most changes that get a notification each: nobody reads on.
pub const NOTICES: usize = 50;
/// The most gaps that are spelled out.
const GAPS: usize = 10;
/// The most characters of a title.
const TITLE: usize = 250;
/// The most characters of a description.
const DESCRIPTION: usize = 2_900;
/// The most next steps, and the most characters of one.
const NEXT_STEPS: (usize, usize) = (10, 350);
/// The most characters of a keyword.
const KEYWORD: usize = 75;
/// The most characters of a summary.
const SUMMARY: usize = 300;
/// The most characters of one line of a description.
const LINE: usize = 500;
/// The most characters of a related resource, and of a value of the context.
const VALUE: usize = 1_000;

/// A notification for chat applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatNotice {
    /// What names it among those of one digest: letters, digits and hyphens.
    pub id: String,
    /// The custom notification, as JSON.
    pub message: String,
}

#[derive(Debug, Serialize)]
struct Custom {
    version: &'static str,
    source: &'static str,
    id: String,
    content: Content,
    metadata: Metadata,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    /// Notifications with the same one share a thread.
    thread_id: String,
    summary: String,
    event_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_resources: Vec<String>,
    /// What custom actions can fill in. Not shown, and so not escaped.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    additional_context: BTreeMap<&'static str, String>,
}

/// The notifications of a digest: one for each change, in the thread of its finding, and one in the thread
/// of the account where something could not be read or nothing changed.
pub fn chat_notices(digest: &Digest<'_>) -> Vec<ChatNotice> {
    let mut notices = Vec::new();
    if digest.news.is_empty() || digest.status() == Status::Incomplete {
        notices.push(of_account(digest, "", state_title(digest), &state(digest)));
    }
    let changes = digest.rest().iter().take(NOTICES);
    notices.extend(changes.map(|news| of_change(digest, news)));
    let left = digest.rest().len().saturating_sub(NOTICES);
    if left > 0 {
        let title = format!("{} more, left out here", plural(left, "change"));
        let place = match &digest.whereabouts {
            Some(place) if digest.is_cut => {
                format!("The worst of it is in {}", code(place, LINE))
            }
            Some(place) => format!("All of it is in {}", code(place, LINE)),
            None if digest.for_owner => "The next digest names them".to_owned(),
            None => LISTED.to_owned(),
        };
        let text: Vec<String> = std::iter::once(place).chain(report_link(digest)).collect();
        notices.push(of_account(digest, "-more", title, &text));
    }
    notices
}

fn of_change(digest: &Digest<'_>, news: &News<'_>) -> ChatNotice {
    let (entry, place) = (news.entry, &news.entry.place);
    let severity = entry.severity.as_str();
    let kind = in_words(news.kind);
    let keywords = [severity, &entry.rule, news.kind.as_str(), &place.account]
        .into_iter()
        .chain(place.region.as_deref());
    let principal = place.principal.as_ref().map(|it| &it.arn);
    let resources = (place.resource_arn.iter().chain(principal))
        .filter(|it| it.chars().count() <= VALUE)
        .map(|it| plain(it));
    let mut text = description(news);
    // Before the URLs of its API, which may be many: what does not fit is left out from the end.
    text.splice(3..3, links(digest, news));
    let content = Content {
        text_type: "client-markdown",
        title: words(
            &format!(
                "{} {} ({kind}): {}",
                severity.to_uppercase(),
                entry.rule,
                brief(place)
            ),
            TITLE,
        ),
        description: lines(&text),
        next_steps: next_steps(news),
        keywords: keywords.map(|it| words(it, KEYWORD)).collect(),
    };
    let metadata = Metadata {
        thread_id: entry.id.clone(),
        summary: cut(&plain(&entry.message), SUMMARY),
        event_type: "gatewatch.change",
        related_resources: resources.collect(),
        additional_context: context(news),
    };
    sealed(digest, entry.id.clone(), content, metadata)
}

fn description(news: &News<'_>) -> Vec<String> {
    let entry = news.entry;
    let mut lines = vec![
        format!("Account: {}", words(&entry.place.account, LINE)),
        code(&entry.place.words, LINE),
        format!("{}.", words(&entry.message, LINE)),
    ];
    match (news.kind, entry.told, entry.reason()) {
        (Kind::Worse | Kind::Better, Some(told), _) => {
            lines.push(format!("Was: {}", told.severity));
        }
        (_, _, Some(reason)) => lines.push(words(&reason, LINE)),
        _ => {}
    }
    if let Some(instead) = news.instead {
        let (severity, rule) = (instead.severity, words(&instead.rule, LINE));
        lines.push(format!("In its place there is now: {severity} {rule}"));
    }
    if let Some(exposure) = entry.exposure.filter(|_| news.kind.alarms()) {
        lines.push(format!("Exposure: {}", exposure.as_str()));
        // In code, so that nobody calls an open method by a click.
        lines.extend(entry.urls.iter().map(|url| code(url, LINE)));
    }
    lines.push(format!("First seen: {}", minute(entry.first_seen)));
    lines.push(format!("Id: `{}`", entry.id));
    lines
}

/// Where more is to be seen: the API in AWS's console, and the report as a page. The schema has no field for a button that
/// opens an address, and each platform makes links of addresses by itself.
fn links(digest: &Digest<'_>, news: &News<'_>) -> Vec<String> {
    let place = &news.entry.place;
    let api = place.api.as_ref().and_then(|api| {
        let region = place.region.as_deref()?;
        console::api(&digest.report.partition, region, api.kind?, &api.id)
    });
    let api = api.map(|it| format!("API in the console: {it}"));
    api.into_iter().chain(report_link(digest)).collect()
}

fn report_link(digest: &Digest<'_>) -> Option<String> {
    let page = digest.page.as_ref()?;
    Some(format!("Report: {page}"))
}

/// What to do, where something is to be done. A command that would have to be changed to be shown is left out.
fn next_steps(news: &News<'_>) -> Vec<String> {
    if !news.kind.alarms() {
        return Vec::new();
    }
    let (most, length) = NEXT_STEPS;
    let commands: &[Text] = news.finding.map_or(&[], |it| &it.remedy.commands);
    let commands = commands.iter().filter_map(|command| {
        let shown = code(command, length - 2);
        (shown == format!("`{command}`")).then_some(shown)
    });
    let remedy = words(&news.entry.remedy, length);
    std::iter::once(remedy).chain(commands).take(most).collect()
}

fn context(news: &News<'_>) -> BTreeMap<&'static str, String> {
    let (entry, place) = (news.entry, &news.entry.place);
    let Spot { api, .. } = place;
    let pairs = [
        ("change", Some(news.kind.as_str().to_owned())),
        ("rule", Some(entry.rule.to_string())),
        ("severity", Some(entry.severity.as_str().to_owned())),
        ("account", Some(place.account.to_string())),
        ("region", place.region.as_deref().map(str::to_owned)),
        ("api", api.as_ref().map(|it| it.name.to_string())),
        ("apiId", api.as_ref().map(|it| it.id.to_string())),
        ("stage", place.stage.as_deref().map(str::to_owned)),
        ("subject", place.subject()),
        ("firstSeen", Some(entry.first_seen.to_string())),
    ];
    let known = pairs.into_iter().filter_map(|(key, value)| {
        let value = value.filter(|it| !it.is_empty())?;
        Some((key, cut(&plain(&value), VALUE)))
    });
    known.collect()
}

fn state_title(digest: &Digest<'_>) -> String {
    let whose = digest.report.subject_in_words();
    match digest.report.evaluation.gaps.len() {
        0 if digest.unread_elsewhere => {
            format!("INCOMPLETE: {} in {whose}", digest.news_in_words())
        }
        0 => format!("{} in {whose}", digest.news_in_words()),
        gaps => format!("INCOMPLETE: {} in {whose}", plural(gaps, "gap")),
    }
}

fn state(digest: &Digest<'_>) -> Vec<String> {
    let report = digest.report;
    let gaps = &report.evaluation.gaps;
    let mut lines = vec![
        format!("Open now: {}", digest.open_in_words()),
        format!("Read on {}:", minute(report.taken_at)),
    ];
    if digest.unread_elsewhere {
        lines.push(UNREAD_ELSEWHERE.to_owned());
    }
    if !digest.for_owner {
        lines.push(words(&report.coverage_in_words(), LINE));
        lines.extend(report_link(digest));
        let warnings = report.few_warnings().into_iter();
        lines.extend(warnings.map(|it| words(&it, LINE)));
    }
    if !gaps.is_empty() {
        lines.push("Not read, and so not clean:".to_owned());
        let told = gaps.iter().take(GAPS);
        lines.extend(told.map(|gap| code(&gap.in_words(), LINE / 2)));
        let left = gaps.len().saturating_sub(GAPS);
        if left > 0 {
            lines.push(format!("and {} more", plural(left, "gap")));
        }
    }
    lines
}

fn of_account(digest: &Digest<'_>, what: &str, title: String, text: &[String]) -> ChatNotice {
    let account = &digest.report.account;
    let thread_id = format!("gatewatch-{account}");
    let id = format!("{thread_id}{what}");
    let content = Content {
        text_type: "client-markdown",
        title: words(&title, TITLE),
        description: lines(text),
        next_steps: Vec::new(),
        keywords: vec![words(account, KEYWORD)],
    };
    let metadata = Metadata {
        thread_id,
        summary: cut(&plain(&title), SUMMARY),
        event_type: "gatewatch.digest",
        ..Metadata::default()
    };
    sealed(digest, id, content, metadata)
}

fn sealed(digest: &Digest<'_>, id: String, content: Content, metadata: Metadata) -> ChatNotice {
    let custom = Custom {
        version: "1.0",
        source: "custom",
        // Another one for each run: the same finding can be announced again.
        id: format!("{id}-{}", digest.report.taken_at.as_second()),
        content,
        metadata,
    };
    ChatNotice {
        id,
        message: compact(&custom),
    }
}

/// As many whole lines as fit into a description: a line that is cut could leave code open.
fn lines(lines: &[String]) -> String {
    let mut text = String::new();
    let mut length = 0;
    for line in lines {
        length += line.chars().count() + 1;
        if length > DESCRIPTION {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::inventory::{Gap, GapKind};
    use crate::render::digest::single::tests::{digest, entry, finding, news, report};

    fn parsed(notice: &ChatNotice) -> Value {
        serde_json::from_str(&notice.message).unwrap()
    }

    #[test]
    fn a_change_has_the_thread_of_its_finding() {
        let (report, entry, finding) = (report(), entry(), finding(1));
        let news = News {
            finding: Some(&finding),
            ..news(Kind::New, &entry)
        };
        let notices = chat_notices(&digest(&report, vec![news]));
        assert_eq!(notices.len(), 1);
        let message = parsed(&notices[0]);
        assert_eq!(message["version"], "1.0");
        assert_eq!(message["source"], "custom");
        assert_eq!(
            message["content"]["title"],
            "CRITICAL open-method (new): POST /pets, PetStore"
        );
        assert_eq!(message["content"]["nextSteps"].as_array().unwrap().len(), 2);
        assert_eq!(message["metadata"]["threadId"], entry.id.as_str());
        assert_eq!(message["metadata"]["additionalContext"]["stage"], "prod");
    }

    /// Links that are ours are links, and come before the URLs of the API, which are none.
    #[test]
    fn a_change_leads_to_the_console_and_to_the_report() {
        let (report, entry) = (report(), entry());
        let mut digest = digest(&report, vec![news(Kind::New, &entry)]);
        let page = "https://eu-west-1.console.aws.amazon.com/s3/object/state?region=eu-west-1&prefix=a.html";
        digest.page = Some(page.to_owned());
        let message = parsed(&chat_notices(&digest)[0]);
        let text = message["content"]["description"].as_str().unwrap();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        let console = "API in the console: https://eu-west-1.console.aws.amazon.com/apigateway/main/apis/a1b2c3d4e5/";
        assert!(at(console) < at(&format!("Report: {page}\n")), "{text}");
        assert!(at("Report: ") < at("First seen: "), "{text}");
        // Of an API whose id is none, no link leaves AWS's console.
        let mut hostile = entry.clone();
        hostile.place.region = Some("evil.example/".into());
        digest.news = vec![news(Kind::New, &hostile)];
        let message = chat_notices(&digest)[0].message.clone();
        assert!(!message.contains("https://evil"), "{message}");
        digest.page = None;
        digest.news.clear();
        assert!(!chat_notices(&digest)[0].message.contains("Report: "));
    }

    #[test]
    fn names_from_the_account_stay_names() {
        let (report, mut entry) = (report(), entry());
        let hostile = "<!channel> @here `x` *b* _i_ [a](http://evil.example)";
        entry.place.path = Some(hostile.into());
        entry.place.words = hostile.into();
        entry.message = hostile.to_owned().into();
        entry.remedy = hostile.to_owned().into();
        let notices = chat_notices(&digest(&report, vec![news(Kind::New, &entry)]));
        let content = parsed(&notices[0])["content"].to_string();
        for mark in ["<!", "@here", "`x`"] {
            assert!(!content.contains(mark), "{mark}: {content}");
        }
        // Outside of code, nothing else is left, either.
        let sentence = words(hostile, 99);
        for mark in ["*", "_i_", "[a]", "://"] {
            assert!(!sentence.contains(mark), "{mark}: {sentence}");
        }
        assert_eq!(words("AWS_IAM and _this_", 99), "AWS_IAM and ˍthisˍ");
        assert_eq!(words("see http://a.example", 99), "see http:∕∕a.example");
    }

    #[test]
    fn what_was_not_read_is_said_and_many_changes_are_counted() {
        let (mut report, entry) = (report(), entry());
        let gap = Gap::malformed(GapKind::Region, "the list broke off".to_owned());
        report.evaluation.gaps.push(gap);
        let incomplete = chat_notices(&digest(&report, Vec::new()));
        assert_eq!(incomplete.len(), 1);
        let message = parsed(&incomplete[0]);
        assert_eq!(message["metadata"]["threadId"], "gatewatch-111122223333");
        assert!(incomplete[0].message.contains("INCOMPLETE"));
        assert!(incomplete[0].message.contains("the list broke off"));
        let many = chat_notices(&digest(&report, vec![news(Kind::New, &entry); 60]));
        assert_eq!(many.len(), 52);
        let last = many.last().unwrap();
        assert_eq!(last.id, "gatewatch-111122223333-more");
        assert!(last.message.contains("10 changes more"), "{}", last.message);
    }

    #[test]
    fn nothing_outgrows_its_place() {
        let (report, mut entry) = (report(), entry());
        entry.place.words = "w".repeat(9_000).into();
        entry.message = "m".repeat(9_000).into();
        entry.remedy = "r".repeat(9_000).into();
        entry.urls = vec!["u".repeat(9_000).into(); 20];
        let notices = chat_notices(&digest(&report, vec![news(Kind::New, &entry)]));
        let content = &parsed(&notices[0])["content"];
        let length = |text: &Value| text.as_str().unwrap().chars().count();
        assert!(length(&content["title"]) <= TITLE);
        assert!(length(&content["description"]) <= DESCRIPTION);
        assert!(length(&content["nextSteps"][0]) <= NEXT_STEPS.1);
    }
}
