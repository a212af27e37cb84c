/* SPDX-License-Identifier: Apache-2.0
 *
 * What the reports of advice and of carrying it out share.
 */
#ifndef WB_REPORT_ADVISE_H
#define WB_REPORT_ADVISE_H

#include "report/report.h"

json_t *wb_report_advice_query(struct wb_json *j, const struct wb_advice_query *q);
json_t *wb_report_advice_value(struct wb_json *j, const struct wb_advice *a);
void wb_report_advice_queries(struct wb_out *out, bool markdown, const struct wb_advice_query *v, size_t n);
void wb_report_advice_bars(struct wb_out *out, bool markdown, const struct wb_advice_query *v, size_t n);

#endif
