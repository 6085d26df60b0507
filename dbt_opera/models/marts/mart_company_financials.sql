{% set amounts = [
    'total_revenue', 'ticket_revenue', 'subscription_revenue', 'donation_revenue', 'government_grants',
    'corporate_sponsorship', 'endowment_income', 'other_revenue', 'total_expenses', 'artist_fees', 'production_costs',
    'venue_costs', 'marketing_costs', 'administrative_costs', 'other_expenses', 'net_income'
] %}
{{ config(indexes=[
    {'columns': ['financial_data_id'], 'unique': true},
    {'columns': ['company_name', 'fiscal_year']},
    {'columns': ['country']},
    {'columns': ['currency_code']},
]) }}

with financials as (
    select * from {{ ref('core_financial_data') }}
),

companies as (
    select * from {{ ref('core_companies') }}
),

shared as (
    select
        financials.id as financial_data_id,
        financials.company_id,
        companies.name as company_name,
        companies.city,
        companies.country,
        companies.tier as company_tier,
        companies.company_type,
        financials.fiscal_year,
        financials.period_start_date,
        financials.period_end_date,
        financials.currency_code,
        financials.is_estimated,
        {% for amount in amounts %}
            financials.{{ amount }}::numeric(18, 2) as {{ amount }},
        {% endfor %}
        financials.operating_margin::numeric(10, 4) as operating_margin,
        round(
            (coalesce(financials.ticket_revenue, 0) + coalesce(financials.subscription_revenue, 0))
            / nullif(
                case
                    when num_nonnulls(financials.ticket_revenue, financials.subscription_revenue) > 0
                        then financials.total_revenue
                end, 0
            ), 4
        )::numeric(10, 4) as box_office_share,
        round(financials.government_grants / nullif(financials.total_revenue, 0), 4)::numeric(10, 4) as grants_share,
        round(financials.artist_fees / nullif(financials.total_expenses, 0), 4)::numeric(10, 4) as artist_fees_share,
        financials.source_type,
        financials.source_url,
        financials.last_confirmed_at
    from financials
    inner join companies on financials.company_id = companies.id
)

select * from shared
