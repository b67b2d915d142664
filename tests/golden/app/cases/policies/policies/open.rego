package main

# a comment with {
deny[msg] {
  msg := "{ no bracket"
