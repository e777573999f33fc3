//! The function, and how many of it may run at once.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::aws::client::{Clients, Failure, Question, Service, encoded};

const LAMBDA: Service = Service {
    id: "Lambda",
    host: "lambda",
    spoke_query: false,
};

/// A function as it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployed {
    /// Its name.
    pub name: String,
    /// What its binary has to be built for, such as `arm64`.
    pub architectures: Vec<String>,
    /// Its memory, in MB.
    pub memory: u32,
    /// How long a run of it may take, in seconds.
    pub timeout: u64,
    /// When it was changed last, as Lambda writes it.
    pub last_modified: String,
    /// Whether it can be invoked: `Active`. `None`: it is not told.
    pub state: Option<String>,
    /// Whether the last change of it was taken: `Successful`. `None`: it is not told.
    pub last_update_status: Option<String>,
    /// Where it logs.
    pub log_group: String,
    /// Which version's template it was deployed by. `None`: it is not told.
    pub template: Option<String>,
}

/// The variable of the template that says of which version it is.
pub const TEMPLATE: &str = "GATEWATCH_TEMPLATE";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    function_name: String,
    architectures: Vec<String>,
    memory_size: u32,
    timeout: u64,
    last_modified: String,
    state: Option<String>,
    last_update_status: Option<String>,
    logging_config: Option<LoggingConfig>,
    environment: Option<Environment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingConfig {
    log_group: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: Option<BTreeMap<String, String>>,
}

impl From<Configuration> for Deployed {
    /// Of the environment, which may hold secrets, one variable is kept.
    fn from(it: Configuration) -> Self {
        let variables = it.environment.and_then(|it| it.variables);
        let template = variables.and_then(|mut it| it.remove(TEMPLATE));
        let log_group = it.logging_config.and_then(|it| it.log_group);
        Deployed {
            log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", it.function_name)),
            template: template.filter(|it| !it.is_empty()),
            name: it.function_name,
            architectures: it.architectures,
            memory: it.memory_size,
            timeout: it.timeout,
            last_modified: it.last_modified,
            state: it.state,
            last_update_status: it.last_update_status,
        }
    }
}

/// How many functions of an account may run at once in a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Concurrency {
    /// All of them.
    #[serde(rename = "ConcurrentExecutions")]
    pub all: u32,
    /// Those that nothing is reserved for.
    #[serde(rename = "UnreservedConcurrentExecutions")]
    pub unreserved: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    account_limit: Concurrency,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reserved {
    reserved_concurrent_executions: Option<u32>,
}

/// Asks for a function.
///
/// # Errors
/// Where there is no such function, or it may not be read.
///
/// Source: [GetFunctionConfiguration](https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html).
pub async fn deployed(clients: &Clients, region: &str, name: &str) -> Result<Deployed, Failure> {
    const OPERATION: &str = "lambda:GetFunctionConfiguration";
    let path = format!("/2015-03-31/functions/{}/configuration", encoded(name));
    let asked = clients.ask::<Configuration>(LAMBDA, region, OPERATION, Question::Get(path));
    Ok(asked.await?.into())
}

/// Asks how many functions may run at once.
///
/// # Errors
/// Where it may not be read.
///
/// Source: [GetAccountSettings](https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html).
pub async fn account_concurrency(clients: &Clients, region: &str) -> Result<Concurrency, Failure> {
    const OPERATION: &str = "lambda:GetAccountSettings";
    let question = Question::Get("/2016-08-19/account-settings".to_owned());
    let account = clients.ask::<Account>(LAMBDA, region, OPERATION, question);
    Ok(account.await?.account_limit)
}

/// Asks how many executions are reserved for a function. `None`: none are, and it shares those of the account.
///
/// # Errors
/// Where there is no such function, or it may not be read.
///
/// Source: [GetFunctionConcurrency](https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html).
pub async fn reserved_concurrency(
    clients: &Clients,
    region: &str,
    name: &str,
) -> Result<Option<u32>, Failure> {
    const OPERATION: &str = "lambda:GetFunctionConcurrency";
    let path = format!("/2019-09-30/functions/{}/concurrency", encoded(name));
    let reserved = clients.ask::<Reserved>(LAMBDA, region, OPERATION, Question::Get(path));
    Ok(reserved.await?.reserved_concurrent_executions)
}
