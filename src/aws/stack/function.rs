//! The function, and how many of it may run at once.

use serde::Deserialize;

use crate::aws::client::{Clients, Failure, Question, Service, encoded};

const LAMBDA: Service = Service {
    id: "Lambda",
    host: "lambda",
    spoke_query: false,
};

/// A function as it is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Deployed {
    /// Its name.
    #[serde(rename = "FunctionName")]
    pub name: String,
    /// What its binary has to be built for, such as `arm64`.
    pub architectures: Vec<String>,
    /// Its memory, in MB.
    #[serde(rename = "MemorySize")]
    pub memory: u32,
    /// How long a run of it may take, in seconds.
    pub timeout: u64,
    /// When it was changed last, as Lambda writes it.
    pub last_modified: String,
    /// Whether it can be invoked: `Active`. `None`: it is not told.
    pub state: Option<String>,
    /// Whether the last change of it was taken: `Successful`. `None`: it is not told.
    pub last_update_status: Option<String>,
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
    let question = Question::Get(path);
    clients.ask(LAMBDA, region, OPERATION, question).await
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
