{% set amounts = [
    'total_revenue', 'ticket_revenue', 'subscription_revenue', 'donation_revenue', 'government_grants',
    'corporate_sponsorship', 'endowment_income', 'other_revenue', 'total_expenses', 'artist_fees', 'production_costs',
    'venue_costs', 'marketing_costs', 'administrative_costs', 'other_expenses'
] %}

with financials as (
    select * from {{ ref('int_financials') }}
),

merged as (
    select
        financial_data_id as id,
        company_id,
        fiscal_year_label as fiscal_year,
        {{ first_known('period_start_date') }} as period_start_date,
        {{ first_known('period_end_date') }} as period_end_date,
        currency_code,
        is_estimated,
        {% for amount in amounts %}
            {{ first_known(amount) }} as {{ amount }},
        {% endfor %}
        {{ first_known('url') }} as source_url,
        {{ first_known('page_type') }} as source_type,
        {{ first_known('extraction_id') }} as source_extraction_id,
        {{ first_known('pointer') }} as source_pointer,
        {{ audit_columns('financials') }}
    from financials
    group by financial_data_id, company_id, fiscal_year_label, is_estimated, currency_code
),

computed as (
    select
        *,
        total_revenue - total_expenses as net_income,
        round((total_revenue - total_expenses) / nullif(total_revenue, 0), 4) as operating_margin
    from merged
)

select * from computed
