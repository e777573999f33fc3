# plan.json is what `terraform show -json` prints of a plan of this (Terraform 1.11, provider hashicorp/aws 5.100), made beside a state
# in which GET and POST /pets are NONE and PUT is AWS_IAM.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
resource "aws_api_gateway_rest_api" "shop" { name = "shop" }
resource "aws_api_gateway_resource" "pets" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "pets"
}
# Was NONE: protected, and still served open.
resource "aws_api_gateway_method" "fixed" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "GET"
  authorization = "AWS_IAM"
}
# Was AWS_IAM: opened by the next deployment.
resource "aws_api_gateway_method" "opened" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "PUT"
  authorization = "NONE"
}
# Is new, and not deployed.
resource "aws_api_gateway_method" "new" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.pets.id
  http_method   = "DELETE"
  authorization = "NONE"
}
# There was an open POST, which is taken away here and still served.
resource "aws_api_gateway_deployment" "shop" { rest_api_id = aws_api_gateway_rest_api.shop.id }
resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  deployment_id = aws_api_gateway_deployment.shop.id
  stage_name    = "prod"
}
