terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" { type = string }
resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
}
module "deep" {
  source = "./deep"
  count  = 2
  config = { api = aws_apigatewayv2_api.this.id, stage = aws_apigatewayv2_stage.this.id, n = count.index }
}
output "api" { value = aws_apigatewayv2_api.this }
output "api_id" { value = aws_apigatewayv2_api.this.id }
