//! An emulated AWS account: the emulator, and a bridge through which tests call any operation of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use serde_json::{Value, json};

use super::command::Shell;
use super::package;

/// The account that the emulator stands for.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The Region that the tests use.
pub(crate) const REGION: &str = "eu-west-1";

/// A running emulator. It ends, with all it wrote, when this is dropped.
pub(crate) struct Testbed {
    endpoint: String,
    mailbox: PathBuf,
    bridge: Talker,
    // Dropped last: the bridge talks to it.
    _emulator: Talker,
}

impl Testbed {
    /// With the summary of a deployment as AWS gives it.
    pub(crate) fn start() -> Self {
        Testbed::with(&[])
    }

    /// With a summary that does not tell the authorization type.
    pub(crate) fn uncorrected() -> Self {
        Testbed::with(&["--uncorrected"])
    }

    fn with(arguments: &[&str]) -> Self {
        let mut emulator = Talker::start("emulator.py", arguments);
        let begun = emulator.hear();
        let endpoint = begun["endpoint"].as_str().unwrap().to_owned();
        Testbed {
            bridge: Talker::start("bridge.py", &["--endpoint", &endpoint]),
            mailbox: begun["mailbox"].as_str().unwrap().into(),
            endpoint,
            _emulator: emulator,
        }
    }

    /// Where the emulator listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A shell whose `gatewatch` calls the emulator as the root of the account.
    pub(crate) fn shell(&self) -> Shell {
        Shell::in_account(&self.endpoint, ACCOUNT, REGION)
    }

    /// The same account behind a proxy that answers with faults, once it is given rules.
    pub(crate) fn behind_faults(&self) -> Faults {
        let mut proxy = Talker::start("faults.py", &["--upstream", &self.endpoint]);
        let begun = proxy.hear();
        Faults {
            endpoint: begun["endpoint"].as_str().unwrap().to_owned(),
            proxy,
        }
    }

    /// The same account behind a proxy that notes what is asked.
    pub(crate) fn recorded(&self) -> Recorder {
        let program = package("benches/limit.py");
        // As good as no limit: only that of `GetResources` stays.
        let without_limit = ["--rate", "1000000", "--burst", "1000000"];
        let upstream = ["--upstream", &self.endpoint];
        let mut proxy = Talker::run(&program, &[upstream.as_slice(), &without_limit].concat());
        let begun = proxy.hear();
        Recorder {
            endpoint: begun["endpoint"].as_str().unwrap().to_owned(),
            _proxy: proxy,
        }
    }

    /// Calls an operation as the root of the account.
    pub(crate) fn call(&mut self, service: &str, operation: &str, params: Value) -> Value {
        self.call_in(ACCOUNT, REGION, service, operation, params)
    }

    /// Calls an operation as the root of any account, in any Region.
    pub(crate) fn call_in(
        &mut self,
        account: &str,
        region: &str,
        service: &str,
        operation: &str,
        params: Value,
    ) -> Value {
        let request = json!({
            "service": service, "operation": operation, "params": params,
            "access_key": account, "region": region,
        });
        let answer = self.bridge.ask(&request);
        assert!(answer["error"].is_null(), "{service} {operation}: {answer}");
        answer["ok"].clone()
    }

    /// AWS's sample API, open to anyone, deployed to the stage `prod`.
    pub(crate) fn petstore(&mut self) -> PetStore {
        self.petstore_named("PetStore")
    }

    /// The sample API under another name.
    pub(crate) fn petstore_named(&mut self, name: &str) -> PetStore {
        let made = self.call("gatewatch", "create_petstore", json!({"name": name}));
        PetStore {
            id: made["api_id"].as_str().unwrap().to_owned(),
            deployment: made["deployment_id"].as_str().unwrap().to_owned(),
            resources: made["resources"].clone(),
        }
    }

    /// Changes a method's authorization type in the draft.
    pub(crate) fn set_authorization(&mut self, api: &PetStore, verb: &str, path: &str, to: &str) {
        self.call(
            "apigateway",
            "update_method",
            json!({
                "restApiId": api.id,
                "resourceId": api.resources[path],
                "httpMethod": verb,
                "patchOperations": [{"op": "replace", "path": "/authorizationType", "value": to}],
            }),
        );
    }

    /// Deploys an API's draft, to a stage or to none, and gives the deployment's id.
    pub(crate) fn deploy(&mut self, api: &PetStore, stage: Option<&str>) -> String {
        let mut params = json!({"restApiId": api.id});
        if let Some(stage) = stage {
            params["stageName"] = json!(stage);
        }
        let made = self.call("apigateway", "create_deployment", params);
        made["id"].as_str().unwrap().to_owned()
    }

    /// A user without any permission but those of this policy, as a shell to run in.
    pub(crate) fn user(&mut self, name: &str, policy: Value) -> Shell {
        self.user_in(ACCOUNT, name, policy)
    }

    /// The same in any account.
    pub(crate) fn user_in(&mut self, account: &str, name: &str, policy: Value) -> Shell {
        let mut iam = |operation: &str, params: Value| {
            self.call_in(account, REGION, "iam", operation, params)
        };
        iam("create_user", json!({"UserName": name}));
        iam(
            "put_user_policy",
            json!({"UserName": name, "PolicyName": "own", "PolicyDocument": policy.to_string()}),
        );
        let made = iam("create_access_key", json!({"UserName": name}));
        let key = |field: &str| made["AccessKey"][field].as_str().unwrap().to_owned();
        Shell::in_account(&self.endpoint, &key("AccessKeyId"), REGION)
            .with("AWS_SECRET_ACCESS_KEY", &key("SecretAccessKey"))
    }

    /// A topic, and a queue that gets what is published to it. Gives the ARN and the queue's URL.
    pub(crate) fn topic(&mut self, name: &str) -> (String, String) {
        let topic = self.call("sns", "create_topic", json!({"Name": name}));
        let topic = topic["TopicArn"].as_str().unwrap().to_owned();
        let queue = self.queue_on(&topic);
        (topic, queue)
    }

    /// A queue that gets what is published to a topic.
    pub(crate) fn queue_on(&mut self, topic: &str) -> String {
        let name = topic.rsplit(':').next().unwrap().replace('.', "-");
        let url = self.call("sqs", "create_queue", json!({"QueueName": name}));
        let url = url["QueueUrl"].as_str().unwrap().to_owned();
        let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }});
        let attributes = json!({"Policy": policy.to_string()});
        let params = json!({"QueueUrl": url, "Attributes": attributes});
        self.call("sqs", "set_queue_attributes", params);
        self.call(
            "sns",
            "subscribe",
            json!({"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn}),
        );
        url
    }

    /// The notifications in a queue, taken out of it.
    pub(crate) fn received(&mut self, queue: &str) -> Vec<Value> {
        let params = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2});
        let got = self.call("sqs", "receive_message", params);
        let messages = got["Messages"].as_array().cloned().unwrap_or_default();
        let mut bodies = Vec::new();
        for message in messages {
            let handle = &message["ReceiptHandle"];
            let params = json!({"QueueUrl": queue, "ReceiptHandle": handle});
            self.call("sqs", "delete_message", params);
            bodies.push(serde_json::from_str(message["Body"].as_str().unwrap()).unwrap());
        }
        bodies
    }

    /// The e-mails that were sent, in order.
    pub(crate) fn mails(&self) -> Vec<Value> {
        let lines = fs::read_to_string(&self.mailbox).unwrap_or_default();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The sample API.
pub(crate) struct PetStore {
    pub(crate) id: String,
    pub(crate) deployment: String,
    /// The resources' ids by path.
    pub(crate) resources: Value,
}

/// A proxy in front of an emulator, which answers with faults. It ends when this is dropped.
pub(crate) struct Faults {
    endpoint: String,
    proxy: Talker,
}

impl Faults {
    /// Where the proxy listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A shell whose `gatewatch` calls the emulator through the proxy, as the root of the account.
    pub(crate) fn shell(&self) -> Shell {
        Shell::in_account(&self.endpoint, ACCOUNT, REGION)
    }

    /// Sets the rules that hold from now on, and what their draws begin from. Gives how often each of the
    /// rules before fired.
    pub(crate) fn set(&mut self, rules: &[Value], seed: u64) -> Vec<u64> {
        let answer = self.proxy.ask(&json!({"rules": rules, "seed": seed}));
        assert!(answer["error"].is_null(), "{answer}");
        serde_json::from_value(answer["fired"].clone()).unwrap()
    }
}

/// A proxy in front of an emulator, which notes what is asked. It ends when this is dropped.
pub(crate) struct Recorder {
    pub(crate) endpoint: String,
    _proxy: Talker,
}

impl Recorder {
    /// A shell whose `gatewatch` calls the emulator through the proxy, as the root of the account.
    pub(crate) fn shell(&self) -> Shell {
        Shell::in_account(&self.endpoint, ACCOUNT, REGION)
    }

    /// What was asked since the last reset and was not throttled: `service`, `operation`, `region` and
    /// `target` of each request. Operations of apigatewayv2 begin with `v2 `.
    pub(crate) fn requests(&self) -> Vec<Value> {
        let mut requests: Vec<Value> = serde_json::from_value(self.ask("GET", "requests")).unwrap();
        requests.retain(|it| it["throttled"] == false);
        requests
    }

    /// Forgets what was asked.
    pub(crate) fn reset(&self) {
        self.ask("POST", "reset");
    }

    fn ask(&self, verb: &str, what: &str) -> Value {
        let address = self.endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "{verb} /_limit/{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: `{answer}`"))
    }
}

/// A Python program that answers each line of JSON with one, and ends when its input does.
struct Talker {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// Runs a script that holds `gatewatch` against another reader of random files, as many as `seeds` says.
pub(crate) fn assert_no_differences(script: &str, seeds: &str) {
    let gatewatch = env!("CARGO_BIN_EXE_gatewatch");
    assert_script_passes(script, &["--gatewatch", gatewatch, "--seeds", seeds]);
}

/// Runs a script of the tests, which prints what is wrong and ends with a status then.
pub(crate) fn assert_script_passes(script: &str, arguments: &[&str]) {
    let done = python().arg(script).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// The Python of the test bed's environment.
pub(crate) fn python() -> Command {
    let testbed = env::var_os("GATEWATCH_TESTBED");
    let testbed = testbed.map_or_else(|| package("target/testbed"), PathBuf::from);
    let python = testbed.join("bin/python");
    assert!(
        Path::exists(&python),
        "{} is missing: run `make testbed`",
        python.display()
    );
    Command::new(python)
}

impl Talker {
    /// One of the test bed's own.
    fn start(program: &str, arguments: &[&str]) -> Self {
        Talker::run(&package("tests/testbed").join(program), arguments)
    }

    fn run(program: &Path, arguments: &[&str]) -> Self {
        let mut child = python()
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Talker {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: `{line}`"))
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.input.as_mut().unwrap(), "{request}").unwrap();
        self.hear()
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
