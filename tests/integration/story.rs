//! The article that gatewatch grew from, as one story against an emulated account that checks policies: an open API is found,
//! mended, called with and without a signature, and opened again.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::testbed::{ACCOUNT, PetStore, REGION, Testbed};

const POLICY: &str = "\
version: 1
groups:
  - name: pet-callers
    invoke: [{api: PetStore}]
";

/// The sample API, a group that should call it, a member of it, and somebody else.
struct Story {
    aws: Testbed,
    pets: PetStore,
    shell: Shell,
    member: [Value; 2],
    stranger: [Value; 2],
}

fn story() -> Story {
    let mut aws = Testbed::start();
    let pets = aws.petstore();
    aws.call("iam", "create_group", json!({"GroupName": "pet-callers"}));
    let member = user(&mut aws, "alice");
    let belongs = json!({"GroupName": "pet-callers", "UserName": "alice"});
    aws.call("iam", "add_user_to_group", belongs);
    let stranger = user(&mut aws, "mallory");
    let shell = aws.shell();
    fs::write(shell.folder().join("gatewatch.yaml"), POLICY).unwrap();
    Story {
        aws,
        pets,
        shell,
        member,
        stranger,
    }
}

/// A user without any policy, by its access key and secret key.
fn user(aws: &mut Testbed, name: &str) -> [Value; 2] {
    aws.call("iam", "create_user", json!({"UserName": name}));
    let made = aws.call("iam", "create_access_key", json!({"UserName": name}));
    let key = &made["AccessKey"];
    [key["AccessKeyId"].clone(), key["SecretAccessKey"].clone()]
}

impl Story {
    fn run(&self, arguments: &[&str]) -> Run {
        self.shell.run(&[arguments, &["--region", REGION]].concat())
    }

    /// The status of the answer to `GET /`, unsigned or signed with a key.
    fn call(&mut self, key: Option<&[Value; 2]>) -> u64 {
        let mut params = json!({"api": self.pets.id, "stage": "prod", "path": "/"});
        if let Some([access, secret]) = key {
            params["access_key"] = access.clone();
            params["secret_key"] = secret.clone();
        }
        let answer = self.aws.call("gatewatch", "invoke", params);
        answer["status"].as_u64().unwrap()
    }

    fn serves(&mut self) -> Value {
        let stage = json!({"restApiId": self.pets.id, "stageName": "prod"});
        self.aws.call("apigateway", "get_stage", stage)["deploymentId"].clone()
    }

    fn policies(&mut self) -> usize {
        let group = json!({"GroupName": "pet-callers"});
        let names = self.aws.call("iam", "list_group_policies", group);
        names["PolicyNames"].as_array().unwrap().len()
    }

    fn journal(&self) -> PathBuf {
        let files = fs::read_dir(self.shell.folder()).unwrap();
        let mut files = files.map(|it| it.unwrap().path());
        files
            .find(|it| it.extension().is_some_and(|it| it == "jsonl"))
            .unwrap()
    }
}

#[test]
fn an_open_api_is_found_mended_called_and_opened_again() {
    let mut story = story();
    let (member, stranger) = (story.member.clone(), story.stranger.clone());
    assert_eq!(story.call(None), 200);
    let found = story.run(&["scan", "--format", "json"]);
    assert_eq!(found.status, 1, "{}", found.stderr);
    let open = found.findings();
    assert!(open.contains(&"open-method GET /".to_owned()), "{open:?}");

    // Looked at first, and carried out only if it still is the same.
    let plan = story.run(&["fix", "--rule", "open-method", "--plan-out", "plan.json"]);
    assert_eq!(plan.status, 1, "{}{}", plan.stdout, plan.stderr);
    let unasked = story.shell.run(&["fix", "--apply", "plan.json"]);
    assert_eq!(unasked.status, 2, "{}", unasked.stderr);
    assert!(unasked.stderr.contains("give --yes"), "{}", unasked.stderr);
    let endpoint = story.aws.endpoint().to_owned();
    let asked = [
        "--endpoint-override",
        &endpoint,
        "--allow-loopback",
        "--verb",
        "POST",
    ];
    let apply = ["fix", "--apply", "plan.json", "--yes", "--probe"];
    let fixed = story.shell.run(&[&apply[..], &asked].concat());
    assert_eq!(fixed.status, 0, "{}{}", fixed.stdout, fixed.stderr);
    for says in [
        "the findings are gone",
        "asked: 4 requests: 4 answered as the configuration says",
    ] {
        assert!(fixed.stdout.contains(says), "{says}: {}", fixed.stdout);
    }

    assert_eq!(story.call(None), 403);
    assert_eq!(story.call(Some(&member)), 200);
    assert_eq!(story.call(Some(&stranger)), 403);
    let clean = story.run(&["scan", "--format", "json"]);
    assert_eq!(clean.status, 0, "{}{}", clean.stdout, clean.stderr);

    let collected = story.run(&["collect", "-o", "inventory.json"]);
    assert_eq!(collected.status, 0, "{}", collected.stderr);
    let probe = ["probe", "inventory.json", "--signed", "--format", "json"];
    let whole = fs::read_to_string(story.shell.folder().join("inventory.json")).unwrap();
    let whole: Value = serde_json::from_str(&whole).unwrap();
    // Only the root has no backend outside of the emulator, which a member would reach.
    let mut root_alone = whole.clone();
    let methods = root_alone.pointer_mut("/apis/0/deployments/0/methods");
    let methods = methods.unwrap().as_array_mut().unwrap();
    methods.retain(|it| it["path"] == "/");
    assert_eq!(methods.len(), 1);
    for (key, inventory, shows) in [
        (&member, root_alone, "open"),
        (&stranger, whole, "access-denied"),
    ] {
        let [access, secret] = key;
        let shell = Shell::in_account(&endpoint, access.as_str().unwrap(), REGION)
            .with("AWS_SECRET_ACCESS_KEY", secret.as_str().unwrap());
        fs::write(shell.folder().join("inventory.json"), inventory.to_string()).unwrap();
        let probed = shell.run(&[&probe[..], &asked].concat());
        assert_eq!(probed.status, 0, "{}{}", probed.stdout, probed.stderr);
        let requests = probed.report()["probe"]["requests"].clone();
        for request in requests.as_array().unwrap() {
            let wanted = match request["signed"] == true {
                true => shows,
                false => "signature-demanded",
            };
            assert_eq!(request["answer"]["shows"], wanted, "{request}");
        }
    }

    // The plan is for a state that is no more.
    let again = story.shell.run(&["fix", "--apply", "plan.json", "--yes"]);
    assert_eq!(again.status, 3, "{}{}", again.stdout, again.stderr);
    assert!(
        again.stderr.contains("does not hold any more"),
        "{}",
        again.stderr
    );
    let journal = story.journal();
    let journal = journal.to_str().unwrap();
    let over = story.shell.run(&["fix", "--resume", journal, "--yes"]);
    assert_eq!(over.status, 0, "{}{}", over.stdout, over.stderr);

    // Whoever answers there is not the API, and then nothing is known of it.
    let elsewhere = [
        "--endpoint-override",
        "http://127.0.0.1:1",
        "--allow-loopback",
    ];
    let resume = ["fix", "--resume", journal, "--yes", "--probe"];
    let unknown = story.shell.run(&[&resume[..], &elsewhere].concat());
    assert_eq!(unknown.status, 3, "{}{}", unknown.stdout, unknown.stderr);
    assert!(unknown.stdout.contains("not known: "), "{}", unknown.stdout);

    let undone = story.shell.run(&["fix", "--undo", journal, "--yes"]);
    assert_eq!(undone.status, 0, "{}{}", undone.stdout, undone.stderr);
    for says in [
        "opens: POST /pets at stage prod",
        "opens: POST /pets in the draft",
    ] {
        assert!(undone.stdout.contains(says), "{says}: {}", undone.stdout);
    }
    assert_eq!(story.call(None), 200);
    assert_eq!(story.serves(), json!(story.pets.deployment));
    assert_eq!(story.policies(), 0);
    assert_eq!(story.run(&["scan", "--format", "json"]).findings(), open);
    let gone = story.shell.run(&["fix", "--resume", journal, "--yes"]);
    assert_eq!(gone.status, 2, "{}", gone.stderr);
}

#[test]
fn a_fix_asks_with_its_own_signature_where_that_is_wanted() {
    let mut story = story();
    let endpoint = story.aws.endpoint().to_owned();
    let asked = ["--endpoint-override", &endpoint, "--allow-loopback"];
    let apply = ["fix", "--apply", "--yes", "--method", "GET /"];
    let signed = ["--probe", "--signed"];
    let fixed = story.run(&[&apply[..], &signed, &asked].concat());
    assert_eq!(fixed.status, 0, "{}{}", fixed.stdout, fixed.stderr);
    let says = "asked: 2 requests: 2 answered as the configuration says";
    assert!(fixed.stdout.contains(says), "{}", fixed.stdout);
    assert_eq!(story.call(None), 403);
    // Without anything that is carried out, there is nothing to ask.
    let alone = story.run(&["fix", "--probe"]);
    assert_eq!(alone.status, 2, "{}", alone.stderr);
}

#[test]
fn a_plan_is_not_carried_out_once_the_state_is_another_one() {
    let mut story = story();
    let plan = story.run(&["fix", "--rule", "open-method", "--plan-out", "plan.json"]);
    assert_eq!(plan.status, 1, "{}", plan.stderr);
    // Somebody edits the draft meanwhile.
    let pets = PetStore {
        id: story.pets.id.clone(),
        deployment: story.pets.deployment.clone(),
        resources: story.pets.resources.clone(),
    };
    story
        .aws
        .set_authorization(&pets, "OPTIONS", "/pets", "AWS_IAM");
    let refused = story.shell.run(&["fix", "--apply", "plan.json", "--yes"]);
    assert_eq!(refused.status, 3, "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains(&pets.id), "{}", refused.stderr);
    assert_eq!(story.serves(), json!(pets.deployment));
    assert_eq!(story.policies(), 0);
    // A plan is no list of commands: one that was changed by hand is none that is made now.
    let path = story.shell.folder().join("plan.json");
    story
        .aws
        .set_authorization(&pets, "OPTIONS", "/pets", "NONE");
    let fresh = story.run(&["fix", "--rule", "open-method", "--plan-out", "plan.json"]);
    assert_eq!(fresh.status, 1, "{}", fresh.stderr);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("execute-api:Invoke", "execute-api:*")).unwrap();
    let forged = story.shell.run(&["fix", "--apply", "plan.json", "--yes"]);
    assert_eq!(forged.status, 3, "{}{}", forged.stdout, forged.stderr);
    assert_eq!(story.policies(), 0);
}

/// Carries a plan out, and kills the process as soon as its journal has so many lines.
fn killed(story: &Story, journal: &str, lines: usize) {
    let path = story.shell.folder().join(journal);
    let mut child = Command::new(env!("CARGO_BIN_EXE_gatewatch"))
        .args(["fix", "--apply", "--yes", "--rule", "open-method"])
        .args(["--region", REGION, "--journal", journal])
        .current_dir(story.shell.folder())
        .env_clear()
        .env("HOME", story.shell.folder())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", story.aws.endpoint())
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "fake")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let written = || fs::read_to_string(&path).map_or(0, |it| it.lines().count());
    while written() < lines && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL: nothing is tidied up.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(written() >= lines, "{journal}");
}

#[test]
fn a_fix_that_is_killed_is_gone_on_with_or_undone() {
    let mut story = story();
    // Six steps: two lines each, and one more for the deployment that is made first.
    for lines in 1..=13 {
        let goes_on = lines % 2 == 1;
        let journal = format!("{lines}.jsonl");
        killed(&story, &journal, lines);
        if goes_on {
            let resumed = story.shell.run(&["fix", "--resume", &journal, "--yes"]);
            assert_eq!(
                resumed.status, 0,
                "{lines}: {}{}",
                resumed.stdout, resumed.stderr
            );
            assert_eq!(story.call(None), 403, "{lines}");
        }
        let undone = story.shell.run(&["fix", "--undo", &journal, "--yes"]);
        assert_eq!(
            undone.status, 0,
            "{lines}: {}{}",
            undone.stdout, undone.stderr
        );
        assert_eq!(story.call(None), 200, "{lines}");
        assert_eq!(story.serves(), json!(story.pets.deployment), "{lines}");
        assert_eq!(story.policies(), 0, "{lines}");
    }
}

/// The calls that change something, and what AWS may answer at any of them.
const CHANGES: [&str; 4] = [
    "PutGroupPolicy",
    "UpdateMethod",
    "CreateDeployment",
    "UpdateStage",
];

#[test]
fn a_fix_that_aws_refuses_or_throttles_is_gone_on_with_or_undone() {
    let mut story = story();
    let mut faults = story.aws.behind_faults();
    let disturbed = faults.shell();
    fs::write(disturbed.folder().join("gatewatch.yaml"), POLICY).unwrap();
    let refused = json!({"code": "AccessDeniedException", "status": 403});
    let throttled = json!({"code": "TooManyRequestsException", "status": 429});
    for (at, operation) in CHANGES.iter().enumerate() {
        for (goes_on, error) in [(true, &refused), (false, &throttled)] {
            let name = format!("{operation}-{goes_on}");
            let journal = disturbed.folder().join(format!("{name}.jsonl"));
            let journal = journal.to_str().unwrap();
            faults.set(&[json!({"operation": operation, "error": error})], 1);
            let apply = ["fix", "--apply", "--yes", "--rule", "open-method"];
            let more = ["--region", REGION, "--journal", journal];
            let stopped = disturbed.run(&[&apply[..], &more].concat());
            assert_eq!(
                stopped.status, 3,
                "{name}: {}{}",
                stopped.stdout, stopped.stderr
            );
            assert!(
                stopped.stdout.contains("was not taken"),
                "{name}: {}",
                stopped.stdout
            );
            let fired = faults.set(&[], 1);
            assert!(fired[0] > 0, "{name}");
            // What was taken before is there, and nothing of what comes after.
            assert_eq!(story.policies(), usize::from(at > 0), "{name}");
            assert_eq!(story.serves(), json!(story.pets.deployment), "{name}");
            if goes_on {
                let resumed = disturbed.run(&["fix", "--resume", journal, "--yes"]);
                assert_eq!(
                    resumed.status, 0,
                    "{name}: {}{}",
                    resumed.stdout, resumed.stderr
                );
                assert_eq!(story.call(None), 403, "{name}");
            }
            let undone = disturbed.run(&["fix", "--undo", journal, "--yes"]);
            assert_eq!(
                undone.status, 0,
                "{name}: {}{}",
                undone.stdout, undone.stderr
            );
            assert_eq!(story.call(None), 200, "{name}");
            assert_eq!(story.serves(), json!(story.pets.deployment), "{name}");
            assert_eq!(story.policies(), 0, "{name}");
        }
    }
}

/// An undo meets the same: what it could not take back is named, and the next one takes it back.
#[test]
fn an_undo_that_aws_refuses_goes_on() {
    let mut story = story();
    let mut faults = story.aws.behind_faults();
    let disturbed = faults.shell();
    fs::write(disturbed.folder().join("gatewatch.yaml"), POLICY).unwrap();
    let apply = ["fix", "--apply", "--yes", "--rule", "open-method"];
    let more = ["--region", REGION, "--journal", "journal.jsonl"];
    let fixed = disturbed.run(&[&apply[..], &more].concat());
    assert_eq!(fixed.status, 0, "{}{}", fixed.stdout, fixed.stderr);
    let undo = ["fix", "--undo", "journal.jsonl", "--yes"];
    let refused = json!({"code": "AccessDeniedException", "status": 403});
    for operation in ["UpdateStage", "UpdateMethod", "DeleteGroupPolicy"] {
        faults.set(&[json!({"operation": operation, "error": refused})], 1);
        let left = disturbed.run(&undo);
        assert_eq!(
            left.status, 3,
            "{operation}: {}{}",
            left.stdout, left.stderr
        );
        assert!(
            left.stdout.contains("is left as it is"),
            "{operation}: {}",
            left.stdout
        );
        assert!(faults.set(&[], 1)[0] > 0, "{operation}");
        // The grant stays for as long as anything that it is for.
        assert_eq!(story.policies(), 1, "{operation}");
    }
    let undone = disturbed.run(&undo);
    assert_eq!(undone.status, 0, "{}{}", undone.stdout, undone.stderr);
    assert_eq!((story.call(None), story.policies()), (200, 0));
}

/// Both are started at the same time: one does all of it, and the other nothing.
#[test]
fn of_two_fixes_that_are_started_at_once_one_does_nothing() {
    let mut story = story();
    let start = |journal: &str| {
        let apply = ["fix", "--apply", "--yes", "--rule", "open-method"];
        let more = ["--region", REGION, "--journal", journal];
        story.shell.start(&[&apply[..], &more].concat())
    };
    let both = [start("one.jsonl"), start("two.jsonl")];
    let mut ended: Vec<(i32, String)> = both
        .into_iter()
        .map(|it| it.ended())
        .map(|it| (it.status, format!("{}{}", it.stdout, it.stderr)))
        .collect();
    ended.sort_unstable();
    assert_eq!(ended[0].0, 0, "{ended:?}");
    // It met the lock, or found nothing to do any more.
    let is_late = ended[1].0 == 0 && ended[1].1.contains("nothing to fix");
    let is_locked_out = ended[1].0 == 3 && ended[1].1.contains("another run");
    assert!(is_late || is_locked_out, "{ended:?}");
    assert_eq!(story.policies(), 1);
    assert_eq!(story.call(None), 403);
}

#[test]
fn two_fixes_at_once_do_not_mix() {
    let story = story();
    let folder = story.shell.folder().join(".local/state/gatewatch");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join(format!("fix-{ACCOUNT}.lock"))).unwrap();
    lock.lock().unwrap();
    let arguments = ["fix", "--apply", "--yes", "--rule", "open-method"];
    let second = story.run(&arguments);
    assert_eq!(second.status, 3, "{}", second.stderr);
    assert!(second.stderr.contains("another run"), "{}", second.stderr);
    drop(lock);
    assert_eq!(story.run(&arguments).status, 0);
}
