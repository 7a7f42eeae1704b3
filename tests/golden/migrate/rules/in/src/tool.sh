#!/bin/sh
echo @version@
