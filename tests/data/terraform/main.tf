# plan.json is what `terraform show -json` prints of a plan of this (Terraform 1.11, provider hashicorp/aws 5.100).
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "second" { default = "eu-central-1" }
provider "aws" {
  region = "eu-west-1"
  access_key = "x"
  secret_key = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
provider "aws" {
  alias = "second"
  region = var.second
  access_key = "x"
  secret_key = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
locals {
  api_id = aws_api_gateway_rest_api.main.id
  places = { for k, r in aws_api_gateway_resource.each : k => r.id }
}
resource "aws_api_gateway_rest_api" "main" { name = "main" }
resource "aws_api_gateway_resource" "each" {
  for_each    = toset(["a/b", "c \"d\" $${x}", "é\t."])
  rest_api_id = aws_api_gateway_rest_api.main.id
  parent_id   = aws_api_gateway_rest_api.main.root_resource_id
  path_part   = substr(each.key, 0, 1)
}
resource "aws_api_gateway_method" "each" {
  for_each      = aws_api_gateway_resource.each
  rest_api_id   = aws_api_gateway_rest_api.main.id
  resource_id   = each.value.id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_method" "keyed" {
  for_each      = toset(["a/b", "é\t."])
  rest_api_id   = each.key == "" ? "x" : aws_api_gateway_rest_api.main.id
  resource_id   = aws_api_gateway_resource.each[each.key].id
  http_method   = "POST"
  authorization = "AWS_IAM"
}
resource "aws_api_gateway_method" "by_local" {
  rest_api_id   = local.api_id
  resource_id   = aws_api_gateway_rest_api.main.root_resource_id
  http_method   = "PUT"
  authorization = "NONE"
}
resource "aws_api_gateway_method" "handed" {
  count         = 2
  rest_api_id   = aws_api_gateway_method.by_local.rest_api_id
  resource_id   = aws_api_gateway_resource.counted[count.index].id
  http_method   = "DELETE"
  authorization = "AWS_IAM"
}
resource "aws_api_gateway_integration" "handed" {
  count       = 2
  rest_api_id = aws_api_gateway_method.handed[count.index].rest_api_id
  resource_id = aws_api_gateway_method.handed[count.index].resource_id
  http_method = aws_api_gateway_method.handed[count.index].http_method
  type        = "MOCK"
}
resource "aws_api_gateway_resource" "counted" {
  count       = 2
  rest_api_id = aws_api_gateway_rest_api.main.id
  parent_id   = aws_api_gateway_resource.each["a/b"].id
  path_part   = "n${count.index}"
}
module "api" {
  source   = "./api"
  for_each = toset(["x.y[0]", "z"])
  name     = each.key
  providers = { aws = aws.second }
}
resource "aws_apigatewayv2_route" "outside" {
  provider  = aws.second
  for_each  = module.api
  api_id    = each.value.api.id
  route_key = "GET /outside"
}
resource "aws_apigatewayv2_route" "outside_keyed" {
  provider  = aws.second
  for_each  = module.api
  api_id    = module.api[each.key].api_id
  route_key = "GET /outside-keyed"
}
resource "aws_apigatewayv2_route" "outside_literal" {
  provider  = aws.second
  api_id    = module.api["z"].api_id
  route_key = "GET /outside-literal"
}
