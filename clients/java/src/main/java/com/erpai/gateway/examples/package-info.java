/** One small program for each call. They are not part of the jar. */
package com.erpai.gateway.examples;
